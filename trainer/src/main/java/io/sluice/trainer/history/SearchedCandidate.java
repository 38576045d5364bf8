package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * One candidate that a run chose from, and what it costs.
 *
 * @param point insertion point, from 1
 * @param kind its kind, as manifests name it
 * @param rank its inner width; 0 for kinds that have none
 * @param parameters learned numbers
 * @param flopsPerToken floating point operations per token
 * @param cost cost in the budget's unit
 */
public record SearchedCandidate(
    int point, String kind, int rank, long parameters, long flopsPerToken, double cost) {
  public SearchedCandidate {
    requireNonNull(kind, "kind");
  }

  /** Kind and rank for people: {@code bottleneck sequential, rank 16}. */
  public String form() {
    String name = kind.replace('_', ' ').toLowerCase(Locale.ROOT);
    return rank == 0 ? name : name + ", rank " + rank;
  }
}
