/**
 * Our training step timed against libtorch's. Starting point: {@link
 * io.sluice.trainer.bench.TrainingBenchmark}. Not part of the suite: it says how fast, not whether
 * right.
 */
@NullMarked
package io.sluice.trainer.bench;

import org.jspecify.annotations.NullMarked;
