package io.sluice.trainer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long a run is and when it ends. Immutable; ranges are checked by {@link TrainSettings}, for
 * all parts at once.
 *
 * @param steps length of the run in steps; {@code null}: by the number of rows, see {@link
 *     Schedule}
 * @param warmUp share of the run in which the rate rises to its peak
 * @param evaluations how often fine-tuning answers the dev rows, besides at its start
 * @param patience evaluations without a better one after which fine-tuning ends
 */
public record ScheduleSettings(
    @Nullable Integer steps, double warmUp, int evaluations, int patience) {
  public static final int LEAST_STEPS = 20;

  /** As a run goes when nothing is said. */
  public static ScheduleSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder().steps(steps).warmUp(warmUp).evaluations(evaluations).patience(patience);
  }

  void check(SettingProblems problems) {
    problems.require(steps == null || steps >= LEAST_STEPS, "steps: " + steps, ">= " + LEAST_STEPS);
    problems.require(warmUp >= 0 && warmUp <= 0.5, "warm-up: " + warmUp, "0..0.5");
    problems.require(evaluations >= 1, "evaluations: " + evaluations, ">= 1");
    problems.require(patience >= 1, "patience: " + patience, ">= 1");
  }

  void describe(Map<String, String> values) {
    values.put("steps", steps == null ? "by rows" : steps.toString());
    values.put("warm_up", Double.toString(warmUp));
    values.put("evaluations", Integer.toString(evaluations));
    values.put("patience", Integer.toString(patience));
  }

  /** Settings being put together. Confined to one thread. */
  public static final class Builder {
    private @Nullable Integer steps;
    private double warmUp = 0.05;
    private int evaluations = 8;
    private int patience = 4;

    private Builder() {}

    /** Sets {@link ScheduleSettings#steps}. */
    public Builder steps(@Nullable Integer value) {
      steps = value;
      return this;
    }

    /** Sets {@link ScheduleSettings#warmUp}. */
    public Builder warmUp(double value) {
      warmUp = value;
      return this;
    }

    /** Sets {@link ScheduleSettings#evaluations}. */
    public Builder evaluations(int value) {
      evaluations = value;
      return this;
    }

    /** Sets {@link ScheduleSettings#patience}. */
    public Builder patience(int value) {
      patience = value;
      return this;
    }

    /** The settings, not checked yet. */
    public ScheduleSettings build() {
      return new ScheduleSettings(steps, warmUp, evaluations, patience);
    }
  }
}
