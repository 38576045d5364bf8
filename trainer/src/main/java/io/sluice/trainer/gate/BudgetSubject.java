package io.sluice.trainer.gate;

import java.util.List;

/**
 * What a budget is set against.
 *
 * @param candidates all that may be chosen, by ascending point
 * @param backboneParameters parameters of the backbone, embeddings included
 */
public record BudgetSubject(List<Item> candidates, long backboneParameters) {
  public BudgetSubject {
    candidates = List.copyOf(candidates);
  }

  /**
   * A candidate as far as its cost goes.
   *
   * @param point insertion point, from 1
   * @param kind its kind as manifests name it
   * @param rank its rank, 0 if it has none
   * @param parameters how many numbers it learns
   */
  public record Item(int point, String kind, int rank, long parameters) {}

  int[] points() {
    return candidates.stream().mapToInt(Item::point).toArray();
  }

  long[] parameters() {
    return candidates.stream().mapToLong(Item::parameters).toArray();
  }
}
