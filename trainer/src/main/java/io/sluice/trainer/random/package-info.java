/**
 * Random numbers that are a function of what they are for, not of how many were drawn before.
 *
 * <p>Starting point: {@link io.sluice.trainer.random.CounterRandom}. Stateless, so thread-safe; a
 * run that is resumed or drawn in another order sees the same numbers.
 */
@NullMarked
package io.sluice.trainer.random;

import org.jspecify.annotations.NullMarked;
