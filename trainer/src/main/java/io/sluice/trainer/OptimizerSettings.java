package io.sluice.trainer;

import java.util.Map;

/**
 * How weights follow their gradients. Immutable; ranges are checked by {@link TrainSettings}, for
 * all parts at once.
 *
 * @param batchSize rows a step
 * @param accumulation batches a step, one after another, as if they were one
 * @param learningRate peak rate of adapters and head
 * @param weightDecay decay of weight matrices, in units of the learning rate
 * @param clipNorm greatest length of a step's gradient
 * @param dropout share of each pooled vector that a step goes without
 * @param adapterDropout share of what each adapter adds that a step goes without
 * @param labelSmoothing share of each target that is spread over all labels
 * @param layerDecay factor of the rate from each layer of the backbone to the one below, where the
 *     backbone learns at all: see {@link Trainer#tuneAll}
 */
public record OptimizerSettings(
    int batchSize,
    int accumulation,
    double learningRate,
    double weightDecay,
    double clipNorm,
    double dropout,
    double adapterDropout,
    double labelSmoothing,
    double layerDecay) {
  /** A peak rate at which whole encoders learn well; far below that of adapters. */
  public static final double FULL_TUNING_RATE = 3e-4;

  /** As a run goes when nothing is said. */
  public static OptimizerSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .batchSize(batchSize)
        .accumulation(accumulation)
        .learningRate(learningRate)
        .weightDecay(weightDecay)
        .clipNorm(clipNorm)
        .dropout(dropout)
        .adapterDropout(adapterDropout)
        .labelSmoothing(labelSmoothing)
        .layerDecay(layerDecay);
  }

  void check(SettingProblems problems) {
    problems.require(batchSize >= 1 && batchSize <= 4096, "batch-size: " + batchSize, "1..4096");
    problems.require(
        accumulation >= 1 && accumulation <= 4096, "accumulation: " + accumulation, "1..4096");
    problems.require(
        learningRate > 0 && learningRate <= 1,
        "learning-rate: " + learningRate,
        "above 0, at most 1");
    problems.require(weightDecay >= 0 && weightDecay <= 1, "weight-decay: " + weightDecay, "0..1");
    problems.require(clipNorm > 0, "clip-norm: " + clipNorm, "above 0");
    problems.require(dropout >= 0 && dropout <= 0.9, "dropout: " + dropout, "0..0.9");
    problems.require(
        adapterDropout >= 0 && adapterDropout <= 0.9,
        "adapter-dropout: " + adapterDropout,
        "0..0.9");
    problems.require(
        labelSmoothing >= 0 && labelSmoothing <= 0.9,
        "label-smoothing: " + labelSmoothing,
        "0..0.9");
    problems.require(
        layerDecay > 0 && layerDecay <= 1, "layer-decay: " + layerDecay, "above 0, at most 1");
  }

  void describe(Map<String, String> values) {
    values.put("batch_size", Integer.toString(batchSize));
    values.put("accumulation", Integer.toString(accumulation));
    values.put("learning_rate", Double.toString(learningRate));
    values.put("weight_decay", Double.toString(weightDecay));
    values.put("clip_norm", Double.toString(clipNorm));
    values.put("dropout", Double.toString(dropout));
    values.put("adapter_dropout", Double.toString(adapterDropout));
    values.put("label_smoothing", Double.toString(labelSmoothing));
    values.put("layer_decay", Double.toString(layerDecay));
  }

  /** Settings being put together. Confined to one thread. */
  public static final class Builder {
    private int batchSize = 16;
    private int accumulation = 1;
    private double learningRate = 1e-3;
    private double weightDecay = 0.01;
    private double clipNorm = 1;
    private double dropout;
    private double adapterDropout;
    private double labelSmoothing;
    private double layerDecay = 0.9;

    private Builder() {}

    /** Sets {@link OptimizerSettings#batchSize}. */
    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#accumulation}. */
    public Builder accumulation(int value) {
      accumulation = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#learningRate}. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#weightDecay}. */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#clipNorm}. */
    public Builder clipNorm(double value) {
      clipNorm = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#dropout}. */
    public Builder dropout(double value) {
      dropout = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#adapterDropout}. */
    public Builder adapterDropout(double value) {
      adapterDropout = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#labelSmoothing}. */
    public Builder labelSmoothing(double value) {
      labelSmoothing = value;
      return this;
    }

    /** Sets {@link OptimizerSettings#layerDecay}. */
    public Builder layerDecay(double value) {
      layerDecay = value;
      return this;
    }

    /** The settings, not checked yet. */
    public OptimizerSettings build() {
      return new OptimizerSettings(
          batchSize,
          accumulation,
          learningRate,
          weightDecay,
          clipNorm,
          dropout,
          adapterDropout,
          labelSmoothing,
          layerDecay);
    }
  }
}
