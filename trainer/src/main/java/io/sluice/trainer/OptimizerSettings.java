package io.sluice.trainer;

import io.soabase.recordbuilder.core.RecordBuilder;
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
@RecordBuilder
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
    return OptimizerSettingsBuilder.builder()
        .batchSize(16)
        .accumulation(1)
        .learningRate(1e-3)
        .weightDecay(0.01)
        .clipNorm(1)
        .layerDecay(0.9)
        .build();
  }

  /** A builder that starts from these values. */
  public OptimizerSettingsBuilder toBuilder() {
    return OptimizerSettingsBuilder.builder(this);
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
}
