/**
 * Bundles to measure with: random ones, and many that differ from a given one in weights only.
 *
 * <p>Starting points: {@link io.sluice.loadtest.bundle.RandomBundle}, {@link
 * io.sluice.loadtest.bundle.PerturbedBundles}. They answer nothing useful, but they are legal, cost
 * what trained ones cost, and their probes are true, so that a server takes them.
 */
@NullMarked
package io.sluice.loadtest.bundle;

import org.jspecify.annotations.NullMarked;
