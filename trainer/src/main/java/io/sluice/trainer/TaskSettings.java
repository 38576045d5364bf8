package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.metric.Metric;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How rows become answers, and answers a score. Immutable; ranges are checked by {@link
 * TrainSettings}, for all parts at once.
 *
 * @param pooling how a row becomes one vector; {@code null}: whichever the linear probe does better
 *     with
 * @param maxTokens longest row in tokens; longer ones are cut
 * @param metric what the best weights are chosen by
 */
public record TaskSettings(@Nullable Pooling pooling, int maxTokens, Metric metric) {
  public TaskSettings {
    requireNonNull(metric, "metric");
  }

  /** As a run goes when nothing is said. */
  public static TaskSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder().pooling(pooling).maxTokens(maxTokens).metric(metric);
  }

  void check(SettingProblems problems) {
    problems.require(pooling != Pooling.NONE, "pooling: NONE", "FIRST or MEAN");
    problems.require(
        maxTokens >= 4 && maxTokens <= 1 << 20, "max-tokens: " + maxTokens, "4..1048576");
  }

  void describe(Map<String, String> values) {
    values.put("pooling", pooling == null ? "by probe" : pooling.name().toLowerCase(Locale.ROOT));
    values.put("max_tokens", Integer.toString(maxTokens));
    values.put("metric", metric.code());
  }

  /** Settings being put together. Confined to one thread. */
  public static final class Builder {
    private @Nullable Pooling pooling;
    private int maxTokens = 128;
    private Metric metric = Metric.ACCURACY;

    private Builder() {}

    /** Sets {@link TaskSettings#pooling}. */
    public Builder pooling(@Nullable Pooling value) {
      pooling = value;
      return this;
    }

    /** Sets {@link TaskSettings#maxTokens}. */
    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    /** Sets {@link TaskSettings#metric}. */
    public Builder metric(Metric value) {
      metric = value;
      return this;
    }

    /** The settings, not checked yet. */
    public TaskSettings build() {
      return new TaskSettings(pooling, maxTokens, metric);
    }
  }
}
