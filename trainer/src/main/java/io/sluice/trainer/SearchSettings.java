package io.sluice.trainer;

import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is searched, and how. Immutable; ranges are checked by {@link TrainSettings}, for all parts
 * at once.
 *
 * @param rank inner width of the candidates
 * @param points insertion points with a candidate; empty: all
 * @param gateLearningRate rate of the gates' log alphas
 */
public record SearchSettings(int rank, SortedSet<Integer> points, double gateLearningRate) {
  public SearchSettings {
    points = Collections.unmodifiableSortedSet(new TreeSet<>(points));
  }

  /** As a run goes when nothing is said. */
  public static SearchSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder().rank(rank).points(points).gateLearningRate(gateLearningRate);
  }

  void check(SettingProblems problems) {
    problems.require(rank >= 1 && rank <= 1024, "rank: " + rank, "1..1024");
    for (int point : points) {
      problems.require(point >= 1, "points: " + point, ">= 1");
    }
    problems.require(
        gateLearningRate > 0 && gateLearningRate <= 10,
        "gate-learning-rate: " + gateLearningRate,
        "above 0, at most 10");
  }

  void describe(Map<String, String> values) {
    values.put("rank", Integer.toString(rank));
    values.put("points", points.isEmpty() ? "all" : points.toString());
    values.put("gate_learning_rate", Double.toString(gateLearningRate));
  }

  /** Settings being put together. Confined to one thread. */
  public static final class Builder {
    private int rank = 16;
    private SortedSet<Integer> points = new TreeSet<>();
    private double gateLearningRate = 0.1;

    private Builder() {}

    /** Sets {@link SearchSettings#rank}. */
    public Builder rank(int value) {
      rank = value;
      return this;
    }

    /** Sets {@link SearchSettings#points}. */
    public Builder points(SortedSet<Integer> value) {
      points = value;
      return this;
    }

    /** Sets {@link SearchSettings#gateLearningRate}. */
    public Builder gateLearningRate(double value) {
      gateLearningRate = value;
      return this;
    }

    /** The settings, not checked yet. */
    public SearchSettings build() {
      return new SearchSettings(rank, points, gateLearningRate);
    }
  }
}
