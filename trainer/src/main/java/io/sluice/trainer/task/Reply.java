package io.sluice.trainer.task;

import io.sluice.trainer.data.Truth;

/**
 * What a server that has a bundle says to one example.
 *
 * @param said in the form of what is right about the example; for spans one or, where the text has
 *     none to give, none
 * @param score its probability, 0..1; 1 where answers come without one
 * @param abstains whether it is below the bundle's threshold; of several labels, whether any is
 *     neither said nor denied
 * @param truncated whether the example was too long and lost its end
 */
public record Reply(Truth said, double score, boolean abstains, boolean truncated) {}
