package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.metric.Metric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that decides a run besides backbone and data. Immutable; start from {@link #defaults()}. A
 * value that exists is in range; everything out of range is reported in one message.
 *
 * @param budget what the adapters may cost
 * @param rank inner width of the candidates
 * @param points insertion points with a candidate; empty: all
 * @param pooling how a row becomes one vector; {@code null}: whichever the linear probe does better
 *     with
 * @param maxTokens longest row in tokens; longer ones are cut
 * @param batchSize rows a step
 * @param steps length of the run in steps; {@code null}: by the number of rows, see {@link
 *     Schedule}
 * @param learningRate peak rate of adapters and head
 * @param gateLearningRate rate of the gates' log alphas
 * @param weightDecay decay of weight matrices, in units of the learning rate
 * @param clipNorm greatest length of a step's gradient
 * @param dropout share of each pooled vector that a step goes without
 * @param labelSmoothing share of each target that is spread over all labels
 * @param metric what the best weights are chosen by
 * @param patience evaluations without a better one after which fine-tuning ends
 * @param seed of every random number
 */
public record TrainSettings(
    Budget budget,
    int rank,
    SortedSet<Integer> points,
    @Nullable Pooling pooling,
    int maxTokens,
    int batchSize,
    @Nullable Integer steps,
    double learningRate,
    double gateLearningRate,
    double weightDecay,
    double clipNorm,
    double dropout,
    double labelSmoothing,
    Metric metric,
    int patience,
    long seed) {

  public static final int LEAST_STEPS = 20;

  public TrainSettings {
    requireNonNull(budget, "budget");
    requireNonNull(metric, "metric");
    points = Collections.unmodifiableSortedSet(new TreeSet<>(points));
    List<String> problems = new ArrayList<>();
    require(problems, rank >= 1 && rank <= 1024, "rank: " + rank, "1..1024");
    for (int point : points) {
      require(problems, point >= 1, "points: " + point, ">= 1");
    }
    require(problems, pooling != Pooling.NONE, "pooling: NONE", "FIRST or MEAN");
    require(
        problems, maxTokens >= 4 && maxTokens <= 1 << 20, "max-tokens: " + maxTokens, "4..1048576");
    require(problems, batchSize >= 1 && batchSize <= 4096, "batch-size: " + batchSize, "1..4096");
    require(
        problems, steps == null || steps >= LEAST_STEPS, "steps: " + steps, ">= " + LEAST_STEPS);
    require(
        problems,
        learningRate > 0 && learningRate <= 1,
        "learning-rate: " + learningRate,
        "above 0, at most 1");
    require(
        problems,
        gateLearningRate > 0 && gateLearningRate <= 10,
        "gate-learning-rate: " + gateLearningRate,
        "above 0, at most 10");
    require(problems, weightDecay >= 0 && weightDecay <= 1, "weight-decay: " + weightDecay, "0..1");
    require(problems, clipNorm > 0, "clip-norm: " + clipNorm, "above 0");
    require(problems, dropout >= 0 && dropout <= 0.9, "dropout: " + dropout, "0..0.9");
    require(
        problems,
        labelSmoothing >= 0 && labelSmoothing <= 0.9,
        "label-smoothing: " + labelSmoothing,
        "0..0.9");
    require(problems, patience >= 1, "patience: " + patience, ">= 1");
    if (!problems.isEmpty()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "settings: " + String.join("; ", problems));
    }
  }

  /** 1.4 % of the backbone's parameters, rank 16 anywhere. */
  public static TrainSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  private static void require(List<String> problems, boolean holds, String found, String expected) {
    if (!holds) {
      problems.add(found + " (expected: " + expected + ")");
    }
  }

  /** Settings being put together; ranges are checked by {@link #build}. Confined to one thread. */
  public static final class Builder {
    private Budget budget = new Budget.ParameterShare(0.014);
    private int rank = 16;
    private SortedSet<Integer> points = new TreeSet<>();
    private @Nullable Pooling pooling;
    private int maxTokens = 128;
    private int batchSize = 16;
    private @Nullable Integer steps;
    private double learningRate = 1e-3;
    private double gateLearningRate = 0.1;
    private double weightDecay = 0.01;
    private double clipNorm = 1;
    private double dropout;
    private double labelSmoothing;
    private Metric metric = Metric.ACCURACY;
    private int patience = 4;
    private long seed = 1;

    private Builder() {}

    private Builder(TrainSettings from) {
      budget = from.budget;
      rank = from.rank;
      points = from.points;
      pooling = from.pooling;
      maxTokens = from.maxTokens;
      batchSize = from.batchSize;
      steps = from.steps;
      learningRate = from.learningRate;
      gateLearningRate = from.gateLearningRate;
      weightDecay = from.weightDecay;
      clipNorm = from.clipNorm;
      dropout = from.dropout;
      labelSmoothing = from.labelSmoothing;
      metric = from.metric;
      patience = from.patience;
      seed = from.seed;
    }

    /** Sets {@link TrainSettings#budget}. */
    public Builder budget(Budget value) {
      budget = value;
      return this;
    }

    /** Sets {@link TrainSettings#rank}. */
    public Builder rank(int value) {
      rank = value;
      return this;
    }

    /** Sets {@link TrainSettings#points}. */
    public Builder points(SortedSet<Integer> value) {
      points = value;
      return this;
    }

    /** Sets {@link TrainSettings#pooling}. */
    public Builder pooling(@Nullable Pooling value) {
      pooling = value;
      return this;
    }

    /** Sets {@link TrainSettings#maxTokens}. */
    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    /** Sets {@link TrainSettings#batchSize}. */
    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    /** Sets {@link TrainSettings#steps}. */
    public Builder steps(@Nullable Integer value) {
      steps = value;
      return this;
    }

    /** Sets {@link TrainSettings#learningRate}. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** Sets {@link TrainSettings#gateLearningRate}. */
    public Builder gateLearningRate(double value) {
      gateLearningRate = value;
      return this;
    }

    /** Sets {@link TrainSettings#weightDecay}. */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** Sets {@link TrainSettings#clipNorm}. */
    public Builder clipNorm(double value) {
      clipNorm = value;
      return this;
    }

    /** Sets {@link TrainSettings#dropout}. */
    public Builder dropout(double value) {
      dropout = value;
      return this;
    }

    /** Sets {@link TrainSettings#labelSmoothing}. */
    public Builder labelSmoothing(double value) {
      labelSmoothing = value;
      return this;
    }

    /** Sets {@link TrainSettings#metric}. */
    public Builder metric(Metric value) {
      metric = value;
      return this;
    }

    /** Sets {@link TrainSettings#patience}. */
    public Builder patience(int value) {
      patience = value;
      return this;
    }

    /** Sets {@link TrainSettings#seed}. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The settings.
     *
     * @throws SluiceException {@code INVALID_ARGUMENT} naming everything out of range
     */
    public TrainSettings build() {
      return new TrainSettings(
          budget,
          rank,
          points,
          pooling,
          maxTokens,
          batchSize,
          steps,
          learningRate,
          gateLearningRate,
          weightDecay,
          clipNorm,
          dropout,
          labelSmoothing,
          metric,
          patience,
          seed);
    }
  }
}
