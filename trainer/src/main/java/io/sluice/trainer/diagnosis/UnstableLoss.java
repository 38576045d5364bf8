package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.StepSpan;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The training loss jumps about or rises where nothing but learning goes on.
 *
 * <p>A <em>spike</em> is a step whose loss is above the median of the {@value #WINDOW} before it by
 * more than the loss the run began with and by more than {@value #DEVIATIONS} robust standard
 * deviations (1.4826 times the median absolute deviation): a batch of odd rows does not undo all
 * that was learned. Spikes count from {@value #SPIKES} on, if they are one step in a hundred. A
 * <em>rise</em> is a phase that ends, by the mean of its last fifth, above its least running mean
 * by half of that and by a quarter of the loss the run began with. The ramp is left out of rises:
 * there the budget takes candidates away and a rise is in order.
 *
 * @param spikes how many steps are spikes
 * @param steps of how many
 * @param risen the phase with the greatest rise, {@code null} if there is none
 * @param from its least running mean; NaN without a rise
 * @param to the mean of its last fifth; NaN without a rise
 */
public record UnstableLoss(int spikes, int steps, @Nullable Phase risen, double from, double to)
    implements Finding {
  static final int WINDOW = 25;
  static final double DEVIATIONS = 6;
  static final int SPIKES = 3;
  private static final double SPIKE_SHARE = 0.01;
  private static final int FIRST = 10;
  private static final int LEAST_PHASE = 20;
  private static final double MAD_TO_DEVIATION = 1.4826;

  static Optional<UnstableLoss> find(RunHistory history) {
    double[] losses = history.spans().stream().mapToDouble(StepSpan::loss).toArray();
    if (losses.length < LEAST_PHASE) {
      return Optional.empty();
    }
    double start = Curve.median(Arrays.copyOf(losses, FIRST));
    int spikes = spikes(losses, start);
    boolean jumps = spikes >= SPIKES && spikes >= SPIKE_SHARE * losses.length;
    UnstableLoss found = jumps ? new UnstableLoss(spikes, losses.length, null, 0, 0) : null;
    for (Phase phase : List.of(Phase.OPEN, Phase.HOLD, Phase.FINE_TUNE)) {
      double[] own = Curve.losses(history, phase);
      if (own.length < LEAST_PHASE) {
        continue;
      }
      double least = Arrays.stream(Curve.smoothed(own, own.length / 5)).min().orElseThrow();
      double last = Curve.meanOfLast(own, 0.2);
      boolean rises = last - least > Math.max(0.5 * least, 0.25 * start);
      if (rises && (found == null || found.risen == null || last - least > found.to - found.from)) {
        found = new UnstableLoss(spikes, losses.length, phase, least, last);
      }
    }
    return Optional.ofNullable(found);
  }

  private static int spikes(double[] losses, double start) {
    int spikes = 0;
    for (int i = FIRST; i < losses.length; i++) {
      double[] before = Arrays.copyOfRange(losses, Math.max(0, i - WINDOW), i);
      double median = Curve.median(before);
      double[] away = Arrays.stream(before).map(loss -> Math.abs(loss - median)).toArray();
      double deviation = MAD_TO_DEVIATION * Curve.median(away);
      if (losses[i] - median > Math.max(start, DEVIATIONS * deviation)) {
        spikes++;
      }
    }
    return spikes;
  }

  @Override
  public String title() {
    return "The training loss is unstable";
  }

  @Override
  public String evidence() {
    String jumps = String.format(Locale.ROOT, "%d of %d steps are spikes", spikes, steps);
    return risen == null
        ? jumps
        : String.format(
            Locale.ROOT,
            "in the %s phase it rose from %.3f to %.3f; %s",
            risen.code(),
            from,
            to,
            jumps);
  }

  @Override
  public String cause() {
    return risen == Phase.HOLD
        ? "a learning rate too high for weights that are sampled open and closed"
        : "a learning rate too high for these rows, or batches too small";
  }

  @Override
  public String remedy() {
    return "a third of the --learning-rate, or a larger --batch-size";
  }
}
