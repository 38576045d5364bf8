/**
 * A server with more and more tasks: what each costs in memory and in speed.
 *
 * <p>Starting point: {@link io.sluice.loadtest.scale.TasksBenchmark}.
 */
@NullMarked
package io.sluice.loadtest.scale;

import org.jspecify.annotations.NullMarked;
