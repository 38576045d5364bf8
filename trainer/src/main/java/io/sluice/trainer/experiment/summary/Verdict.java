package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.Claim;
import java.util.ArrayList;
import java.util.List;

/**
 * What results say of a claim.
 *
 * @param claim the claim
 * @param differences of its two variants, task by task, then of the averages
 * @param asked seeds there should be
 */
public record Verdict(Claim claim, List<Named> differences, int asked) {
  /** Differences are reckoned in binary; a thousandth of a point decides nothing. */
  private static final double SLACK = 1e-9;

  public Verdict {
    differences = List.copyOf(differences);
  }

  /** The name of the differences of averages. */
  public static final String AVERAGE = "average";

  /**
   * A difference and what it is of.
   *
   * @param task a task's name, or {@link #AVERAGE}
   * @param difference in points
   */
  public record Named(String task, Spread difference) {}

  /** Of a claim, by all results there are. */
  public static Verdict of(Claim claim, Scores scores) {
    List<Named> differences = new ArrayList<>();
    for (String task : scores.suite().tasks()) {
      differences.add(new Named(task, scores.difference(claim.subject(), claim.against(), task)));
    }
    if (scores.suite().tasks().size() > 1) {
      differences.add(
          new Named(AVERAGE, scores.averageDifference(claim.subject(), claim.against())));
    }
    return new Verdict(claim, differences, scores.suite().seeds().size());
  }

  /** How much lower the subject may be on a task; NaN if the seeds are too few to say. */
  private double allowed(Spread difference) {
    Double within = claim.within();
    return within == null ? difference.sd() : within;
  }

  private boolean holds(Spread difference) {
    return difference.mean() >= -allowed(difference) - SLACK;
  }

  /** In a sentence. */
  public String sentence() {
    List<Named> known =
        differences.stream()
            .filter(named -> !named.task.equals(AVERAGE))
            .filter(named -> named.difference.count() > 0)
            .filter(named -> !Double.isNaN(allowed(named.difference)))
            .toList();
    String said = claim.subject() + " " + said();
    if (known.isEmpty()) {
      return said + ": too few results to say.";
    }
    List<String> against =
        known.stream()
            .filter(named -> !holds(named.difference))
            .map(named -> named.task + " (" + Texts.difference(named.difference, asked) + ")")
            .toList();
    String judged = known.size() + (known.size() == 1 ? " task" : " tasks");
    return against.isEmpty()
        ? said + ": holds on " + (known.size() == 1 ? "the " : "all ") + judged + "."
        : said
            + ": holds on "
            + (known.size() - against.size())
            + " of "
            + judged
            + "; not on "
            + String.join(", ", against)
            + ".";
  }

  private String said() {
    Double within = claim.within();
    return within == null
        ? "is not below " + claim.against() + " by more than one sd of the difference"
        : "is within " + Texts.number(within) + " of " + claim.against() + ", or above it";
  }
}
