/**
 * A server under everything at once for a long time: does it stay right, and does it stay as large?
 *
 * <p>Starting points: {@link io.sluice.loadtest.soak.Soak} runs, {@link
 * io.sluice.loadtest.soak.SoakReport} judges.
 */
@NullMarked
package io.sluice.loadtest.soak;

import org.jspecify.annotations.NullMarked;
