/**
 * Runs one bundle over a backbone, plainly, and compares it with what it promises.
 *
 * <p>Starting points: {@link io.sluice.registry.probe.BundleForward}, the reference that the
 * serving engine must agree with, and {@link io.sluice.registry.probe.ProbeCheck}, the gate a
 * bundle passes before it is written or served. Slow and simple on purpose: no batching, no
 * sharing.
 */
@NullMarked
package io.sluice.registry.probe;

import org.jspecify.annotations.NullMarked;
