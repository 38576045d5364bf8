package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.GateRow;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Gates swing instead of making up their minds.
 *
 * <p>A <em>swing</em> is a change of direction of P(open) of at least {@value #AMPLITUDE} within
 * the hold phase, where the budget stands still: more than the path from undecided (1/2) to clearly
 * one or the other asks for. A gate that swings {@value #SWINGS} times went up, down and up again;
 * one gate in ten that does so is found. Phases of fewer than {@value #LEAST_ROWS} rows of gates
 * say nothing.
 *
 * @param swinging how many gates swing
 * @param gates of how many
 * @param most most swings of one gate
 */
public record UnstableGates(int swinging, int gates, int most) implements Finding {
  static final double AMPLITUDE = 0.3;
  static final int SWINGS = 3;
  static final int LEAST_ROWS = 8;
  private static final double SHARE = 0.1;

  static Optional<UnstableGates> find(RunHistory history) {
    List<GateRow> rows = history.gates(Phase.HOLD);
    int gates = history.candidates().size();
    if (rows.size() < LEAST_ROWS || gates == 0) {
      return Optional.empty();
    }
    List<Integer> swings = new ArrayList<>();
    for (int gate = 0; gate < gates; gate++) {
      int of = gate;
      swings.add(swings(rows.stream().mapToDouble(row -> row.open().get(of)).toArray()));
    }
    int swinging = (int) swings.stream().filter(count -> count >= SWINGS).count();
    int most = swings.stream().mapToInt(Integer::intValue).max().orElse(0);
    return swinging > 0 && swinging >= SHARE * gates
        ? Optional.of(new UnstableGates(swinging, gates, most))
        : Optional.empty();
  }

  /** Changes of direction that go back by the amplitude or more; the first way counts as one. */
  static int swings(double[] open) {
    int swings = 0;
    int direction = 0;
    double low = open[0];
    double high = open[0];
    for (double p : open) {
      // Behind a turn, only the extreme of the way now taken moves.
      low = direction > 0 ? low : Math.min(low, p);
      high = direction < 0 ? high : Math.max(high, p);
      boolean up = direction <= 0 && p - low >= AMPLITUDE;
      boolean down = direction >= 0 && high - p >= AMPLITUDE;
      if (up || down) {
        swings++;
        direction = up ? 1 : -1;
        low = p;
        high = p;
      }
    }
    return swings;
  }

  @Override
  public String title() {
    return "The gates are unstable";
  }

  @Override
  public String evidence() {
    return String.format(
        Locale.ROOT,
        "%d of %d gates swing by %.1f or more at least %d times in the hold phase, one %d times",
        swinging,
        gates,
        AMPLITUDE,
        SWINGS,
        most);
  }

  @Override
  public String cause() {
    return "the gates' learning rate is too high for the noise of a batch's gradient";
  }

  @Override
  public String remedy() {
    return "half of the --gate-learning-rate, or a larger --batch-size";
  }
}
