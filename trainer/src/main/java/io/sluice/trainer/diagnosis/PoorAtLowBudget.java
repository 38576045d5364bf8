package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.StepSpan;
import java.util.Locale;
import java.util.Optional;

/**
 * The budget leaves too little: what survived answers worse than what there was before it.
 *
 * <p>Looked at only where the limit is below {@value #LOW} of what all candidates cost. Shown by
 * either of two signs. The training loss: its mean over the last half of fine-tuning is more than
 * {@value #WORSE} times the least running mean reached while at least twice the limit was in force,
 * though that was early in training, by a higher rate and under noise; ten per cent is above what
 * such means of hundreds of rows differ by from chance. Or the dev rows: some evaluation before the
 * freeze was better than the result by more than one standard deviation ({@link
 * Outcome#deviation}).
 *
 * @param share the limit as a share of what all candidates cost
 * @param richLoss least running mean of the training loss under at least twice the limit
 * @param finalLoss mean training loss at the end
 * @param richScore best dev score before the freeze; NaN where none was taken
 * @param outcome what came out
 */
public record PoorAtLowBudget(
    double share, double richLoss, double finalLoss, double richScore, Outcome outcome)
    implements Finding {
  static final double LOW = 0.5;
  static final double WORSE = 1.1;
  private static final int LEAST_WINDOW = 5;
  private static final double WINDOW_SHARE = 0.04;

  static Optional<PoorAtLowBudget> find(RunHistory history, Outcome outcome) {
    double share = history.budget() / history.fullCost();
    double[] rich =
        history.spans().stream()
            .filter(span -> span.phase() == Phase.OPEN || span.phase() == Phase.RAMP)
            .filter(span -> span.budgetInForce() >= 2 * history.budget())
            .mapToDouble(StepSpan::loss)
            .toArray();
    int window = Math.max(LEAST_WINDOW, (int) Math.round(WINDOW_SHARE * history.spans().size()));
    double richLoss = Double.NaN;
    for (double mean : Curve.smoothed(rich, window)) {
      richLoss = Double.isNaN(richLoss) ? mean : Math.min(richLoss, mean);
    }
    double finalLoss = Curve.meanOfLast(Curve.losses(history, Phase.FINE_TUNE), 0.5);
    double richScore = scoreBeforeFreeze(history, outcome.metric());
    boolean poor =
        finalLoss > WORSE * richLoss || richScore > outcome.score() + outcome.deviation();
    return share < LOW && poor
        ? Optional.of(new PoorAtLowBudget(share, richLoss, finalLoss, richScore, outcome))
        : Optional.empty();
  }

  private static double scoreBeforeFreeze(RunHistory history, String metric) {
    int freeze = history.atFreeze().step();
    return history.scores().stream()
        .filter(score -> score.step() < freeze)
        .mapToDouble(score -> score.metric(metric))
        .filter(Double::isFinite)
        .max()
        .orElse(Double.NaN);
  }

  @Override
  public String title() {
    return "The budget is too low for this task";
  }

  @Override
  public String evidence() {
    String scores =
        Double.isNaN(richScore)
            ? ""
            : String.format(
                Locale.ROOT,
                "; best dev %s before the freeze %.3f, in the end %.3f",
                outcome.metric(),
                richScore,
                outcome.score());
    return String.format(
        Locale.ROOT,
        "training loss %.3f with at least twice the budget, %.3f at the end%s",
        richLoss,
        finalLoss,
        scores);
  }

  @Override
  public String cause() {
    return String.format(
        Locale.ROOT,
        "the limit is %.1f %% of what all candidates cost, and the survivors cannot do what more of"
            + " them did",
        100 * share);
  }

  @Override
  public String remedy() {
    return "a larger --max-params or --max-points; or cheaper candidates (a lower rank), so that"
        + " more of them fit";
  }
}
