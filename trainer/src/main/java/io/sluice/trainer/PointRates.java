package io.sluice.trainer;

import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import java.util.Arrays;
import java.util.List;

/**
 * Factors of the learning rate that make an insertion point with many candidates learn as fast as
 * one with a single one: candidates that are open together share the rate, since their steps add
 * up. Its array is used again for the next step. Confined to the training thread.
 */
final class PointRates {
  private final ParameterLayout layout;
  private final List<Candidate> candidates;
  private final double[] together;
  private final float[] rates;

  /**
   * Rates of the weights of a layout.
   *
   * @param points insertion points of the backbone
   */
  PointRates(ParameterLayout layout, SearchSpace space, int points) {
    this.layout = layout;
    this.candidates = space.candidates();
    this.together = new double[points + 1];
    this.rates = new float[layout.size()];
    Arrays.fill(rates, 1);
  }

  /**
   * The factor of each weight: 1 over the candidates expected to be open at its point, and 1 at
   * most; 1 for the head.
   *
   * @param open P(open) of each candidate
   */
  float[] at(double[] open) {
    Arrays.fill(together, 0);
    for (int i = 0; i < open.length; i++) {
      together[candidates.get(i).point()] += open[i];
    }
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.owner() >= 0) {
        float rate = (float) (1 / Math.max(1, together[candidates.get(slot.owner()).point()]));
        Arrays.fill(rates, slot.offset(), slot.offset() + slot.spec().size(), rate);
      }
    }
    return rates;
  }
}
