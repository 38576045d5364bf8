package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.precision.Precision;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.task.RowLimits;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How rows become answers, and answers a score. Immutable; ranges are checked by {@link
 * TrainSettings}, for all parts at once.
 *
 * @param kind what the task answers; {@code null}: what the rows' truth looks like
 * @param pooling how a row becomes one vector; {@code null}: whichever the linear probe does better
 *     with
 * @param maxTokens longest row in tokens; longer ones are cut, or become several for spans
 * @param stride tokens from the start of one window over a long text to the start of the next;
 *     {@code null}: half a window
 * @param metric what the best weights are chosen by; {@code null}: the kind's usual one
 * @param precision the format the backbone computes with, in training and in the bundle's probe; a
 *     bundle says which it was trained through
 * @param abstainBelow a best score below it is no answer; {@code null}: always answer, but for span
 *     tasks some of whose dev rows have no answer: there the threshold that suits them best
 */
@RecordBuilder
public record TaskSettings(
    @Nullable TaskKind kind,
    @Nullable Pooling pooling,
    int maxTokens,
    @Nullable Integer stride,
    @Nullable Metric metric,
    Precision precision,
    @Nullable Double abstainBelow) {

  /** Checks what no option can give. */
  public TaskSettings {
    requireNonNull(precision, "precision");
  }

  /** As a run goes when nothing is said. */
  public static TaskSettings defaults() {
    return TaskSettingsBuilder.builder().maxTokens(128).precision(Precision.FP32).build();
  }

  /** A builder that starts from these values. */
  public TaskSettingsBuilder toBuilder() {
    return TaskSettingsBuilder.builder(this);
  }

  /** What an evaluation is worth; greater is better. */
  double score(Evaluation evaluation) {
    return evaluation.of(metric == null ? evaluation.primary() : metric);
  }

  RowLimits limits() {
    return new RowLimits(maxTokens, stride);
  }

  void check(SettingProblems problems) {
    problems.require(pooling != Pooling.NONE, "pooling: NONE", "FIRST or MEAN");
    problems.require(
        precision != Precision.FP16, "backbone-precision: FP16", "FP32 or INT8 (FP16: to serve)");
    problems.require(
        maxTokens >= 4 && maxTokens <= 1 << 20, "max-tokens: " + maxTokens, "4..1048576");
    problems.require(
        stride == null || (stride >= 1 && stride < maxTokens),
        "stride: " + stride,
        "1.." + (maxTokens - 1) + ", less than max-tokens");
    problems.require(
        abstainBelow == null || (abstainBelow >= 0 && abstainBelow <= 1),
        "abstain-below: " + abstainBelow,
        "0..1");
  }

  void describe(Map<String, String> values) {
    values.put("kind", kind == null ? "by data" : kind.name().toLowerCase(Locale.ROOT));
    values.put("pooling", pooling == null ? "by probe" : pooling.name().toLowerCase(Locale.ROOT));
    values.put("max_tokens", Integer.toString(maxTokens));
    values.put("stride", stride == null ? "half a window" : Integer.toString(stride));
    values.put("metric", metric == null ? "by kind" : metric.code());
    if (precision != Precision.FP32) {
      values.put(Manifest.PRECISION, precision.name());
    }
    values.put("abstain_below", abstainBelow == null ? "by kind" : Double.toString(abstainBelow));
  }
}
