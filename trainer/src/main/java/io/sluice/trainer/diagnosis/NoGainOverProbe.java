package io.sluice.trainer.diagnosis;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.history.RunHistory;
import java.util.Locale;
import java.util.Optional;

/**
 * The adapters bring nothing that a linear map from the untouched encoder does not.
 *
 * <p>Found when the gain is below one standard deviation of the score ({@link Outcome#deviation}):
 * a smaller one could as well be chance. The cause is told from two more figures: a probe of
 * {@value #SOLVED} or more has left nothing to gain, and a training loss whose last tenth is not
 * below {@value #FALLEN} of its first tenth says that the adapters have not learned at all (the
 * head starts as the probe, so a run that learns nothing stays where the probe is).
 *
 * <p>A run without adapters is not looked at.
 *
 * @param outcome what came out
 * @param reason why, most likely
 */
public record NoGainOverProbe(Outcome outcome, Reason reason) implements Finding {
  static final double SOLVED = 0.97;
  static final double FALLEN = 0.9;

  /** Why there is no gain. */
  public enum Reason {
    /** The linear probe solves the task. */
    SOLVED(
        "the task is linear in what the encoder says: the probe has left next to nothing to gain",
        "nothing is wrong: a head alone would do, so take the smallest budget there is"),
    /** The training loss did not fall. */
    NOT_LEARNED(
        "the training loss has hardly fallen: the adapters have not learned",
        "a higher --learning-rate or more --steps; check that labels and texts belong together"),
    /** The training loss fell, the dev score did not follow. */
    NOT_CARRIED_OVER(
        "what the adapters learned from the training rows does not carry over to the dev rows",
        "more training rows, --dropout or --label-smoothing; check that both sets are alike");

    private final String cause;
    private final String remedy;

    Reason(String cause, String remedy) {
      this.cause = cause;
      this.remedy = remedy;
    }
  }

  public NoGainOverProbe {
    requireNonNull(outcome, "outcome");
    requireNonNull(reason, "reason");
  }

  static Optional<NoGainOverProbe> find(RunHistory history, Outcome outcome) {
    boolean none = outcome.gain() < outcome.deviation();
    boolean headOnly = !history.searched() && history.survivors().isEmpty();
    if (!none || headOnly || Double.isNaN(outcome.probe())) {
      return Optional.empty();
    }
    Reason reason = Reason.NOT_CARRIED_OVER;
    if (outcome.probe() >= SOLVED) {
      reason = Reason.SOLVED;
    } else if (!Curve.fell(history, FALLEN)) {
      reason = Reason.NOT_LEARNED;
    }
    return Optional.of(new NoGainOverProbe(outcome, reason));
  }

  @Override
  public String title() {
    return "No gain over the linear probe";
  }

  @Override
  public String evidence() {
    return String.format(
        Locale.ROOT,
        "dev %s %.3f, linear probe %.3f; one standard deviation on %d rows is %.3f",
        outcome.metric(),
        outcome.score(),
        outcome.probe(),
        outcome.devRows(),
        outcome.deviation());
  }

  @Override
  public String cause() {
    return reason.cause;
  }

  @Override
  public String remedy() {
    return reason.remedy;
  }
}
