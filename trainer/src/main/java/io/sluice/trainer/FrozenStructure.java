package io.sluice.trainer;

import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.optim.AdamW;
import java.util.BitSet;
import java.util.List;

/**
 * What survived the search, or was set without one.
 *
 * @param candidates the survivors, in order of insertion point
 * @param chosen their numbers in the search space
 * @param cost their cost in the budget's unit
 * @param values weights of survivors and head, gates folded
 * @param adam the optimiser of those weights, with the moments of the search
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record FrozenStructure(
    List<Candidate> candidates, BitSet chosen, long cost, float[] values, AdamW adam) {}
