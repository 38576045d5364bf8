package io.sluice.trainer;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long a run is and when it ends. Immutable; ranges are checked by {@link TrainSettings}, for
 * all parts at once.
 *
 * @param steps length of the run in steps; {@code null}: by {@code epochs}
 * @param epochs length of the run in times that all rows are seen, but no fewer than {@link
 *     #LEAST_STEPS} steps; {@code null}: by {@code steps}, or if that is not said either by the
 *     number of rows, see {@link Schedule}
 * @param warmUp share of the run in which the rate rises to its peak
 * @param evaluations how often fine-tuning answers the dev rows, besides at its start
 * @param patience evaluations without a better one after which fine-tuning ends
 * @param searchShare share of the run after which the structure is frozen
 * @param fineTuneRate learning rate behind that, as a share of the peak, from where it falls to 0
 */
@RecordBuilder
public record ScheduleSettings(
    @Nullable Integer steps,
    @Nullable Integer epochs,
    double warmUp,
    int evaluations,
    int patience,
    double searchShare,
    double fineTuneRate) {
  public static final int LEAST_STEPS = 20;
  private static final int MOST_EPOCHS = 10_000;

  /** As a run goes when nothing is said. */
  public static ScheduleSettings defaults() {
    return ScheduleSettingsBuilder.builder()
        .warmUp(0.05)
        .evaluations(8)
        .patience(4)
        .searchShare(0.5)
        .fineTuneRate(1)
        .build();
  }

  /** A builder that starts from these values. */
  public ScheduleSettingsBuilder toBuilder() {
    return ScheduleSettingsBuilder.builder(this);
  }

  void check(SettingProblems problems) {
    problems.require(steps == null || steps >= LEAST_STEPS, "steps: " + steps, ">= " + LEAST_STEPS);
    problems.require(
        epochs == null || (epochs >= 1 && epochs <= MOST_EPOCHS),
        "epochs: " + epochs,
        "1.." + MOST_EPOCHS);
    problems.require(
        steps == null || epochs == null,
        "steps and epochs: " + steps + " and " + epochs,
        "one of them");
    problems.require(warmUp >= 0 && warmUp <= 0.5, "warm-up: " + warmUp, "0..0.5");
    problems.require(evaluations >= 1, "evaluations: " + evaluations, ">= 1");
    problems.require(patience >= 1, "patience: " + patience, ">= 1");
    problems.require(
        searchShare >= 0.1 && searchShare <= 0.95, "search-share: " + searchShare, "0.1..0.95");
    problems.require(
        warmUp <= searchShare, "warm-up: " + warmUp, "at most search-share, " + searchShare);
    problems.require(
        fineTuneRate > 0 && fineTuneRate <= 1,
        "fine-tune-rate: " + fineTuneRate,
        "above 0, at most 1");
  }

  void describe(Map<String, String> values) {
    String otherwise = epochs == null ? "by rows" : "by epochs";
    values.put("steps", steps == null ? otherwise : steps.toString());
    if (epochs != null) {
      values.put("epochs", epochs.toString());
    }
    values.put("warm_up", Double.toString(warmUp));
    values.put("evaluations", Integer.toString(evaluations));
    values.put("patience", Integer.toString(patience));
    values.put("search_share", Double.toString(searchShare));
    values.put("fine_tune_rate", Double.toString(fineTuneRate));
  }
}
