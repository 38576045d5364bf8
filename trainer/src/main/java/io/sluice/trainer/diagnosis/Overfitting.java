package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.DevScore;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The run learned its training rows by heart.
 *
 * <p>Three signs, each looked for where it can be measured. The dev loss was least at some
 * evaluation and is {@value #WORSE} times that or more at the last. The dev score at the last
 * evaluation is below the best by more than one standard deviation ({@link Outcome#deviation}). The
 * dev loss is {@value #GAP} times the training loss or more, and above {@value #NOTABLE} nats: good
 * answers to rows seen, bad ones to others; a ratio of two is common and harmless. The first two
 * take three evaluations, so that chance in one of them shows.
 *
 * @param trainingLoss mean training loss over the last quarter of fine-tuning
 * @param leastDevLoss least dev loss; NaN where none was measured
 * @param lastDevLoss dev loss of the last evaluation; NaN where none was measured
 * @param bestScore best dev score
 * @param lastScore dev score of the last evaluation
 * @param metric its measure
 */
public record Overfitting(
    double trainingLoss,
    double leastDevLoss,
    double lastDevLoss,
    double bestScore,
    double lastScore,
    String metric)
    implements Finding {
  static final double WORSE = 1.15;
  static final double GAP = 3;
  static final double NOTABLE = 0.1;
  private static final int EVALUATIONS = 3;

  static Optional<Overfitting> find(RunHistory history, Outcome outcome) {
    double[] losses = Curve.losses(history, Phase.FINE_TUNE);
    List<DevScore> scores =
        history.scores().stream()
            .filter(score -> !Double.isNaN(score.metric(outcome.metric())))
            .toList();
    if (losses.length == 0 || scores.isEmpty()) {
      return Optional.empty();
    }
    Overfitting figures = figures(Curve.meanOfLast(losses, 0.25), scores, outcome.metric());
    boolean many = scores.size() >= EVALUATIONS;
    boolean turned =
        many
            && (figures.lastDevLoss >= WORSE * figures.leastDevLoss
                || figures.bestScore - figures.lastScore > outcome.deviation());
    boolean apart = figures.lastDevLoss >= Math.max(NOTABLE, GAP * figures.trainingLoss);
    return turned || apart ? Optional.of(figures) : Optional.empty();
  }

  private static Overfitting figures(double training, List<DevScore> scores, String metric) {
    DevScore last = scores.get(scores.size() - 1);
    double[] values = scores.stream().mapToDouble(score -> score.metric(metric)).toArray();
    return new Overfitting(
        training,
        scores.stream()
            .mapToDouble(DevScore::loss)
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN),
        last.loss(),
        Arrays.stream(values).max().orElseThrow(),
        values[values.length - 1],
        metric);
  }

  @Override
  public String title() {
    return "Overfitting";
  }

  @Override
  public String evidence() {
    String losses =
        Double.isNaN(lastDevLoss)
            ? ""
            : String.format(Locale.ROOT, ", dev loss %.3f (least %.3f)", lastDevLoss, leastDevLoss);
    return String.format(
        Locale.ROOT,
        "at the end training loss %.3f%s; dev %s %.3f, at best %.3f",
        trainingLoss,
        losses,
        metric,
        lastScore,
        bestScore);
  }

  @Override
  public String cause() {
    return "too few rows for so many steps: what is learned now holds for the training rows only"
        + " (the weights kept are those of the best evaluation)";
  }

  @Override
  public String remedy() {
    return "more rows; fewer --steps, --dropout 0.1 or --label-smoothing 0.1; a smaller budget";
  }
}
