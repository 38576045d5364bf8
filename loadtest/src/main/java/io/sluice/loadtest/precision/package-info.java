/**
 * The same tasks on a backbone in 32 and in 8 bits: how fast, and how much alike.
 *
 * <p>Starting point: {@link io.sluice.loadtest.precision.PrecisionBenchmark}.
 */
@NullMarked
package io.sluice.loadtest.precision;

import org.jspecify.annotations.NullMarked;
