package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.RunHistory;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The structure was frozen while many gates had not made up their minds.
 *
 * <p>Undecided is a P(open) from {@value #LOW} to {@value #HIGH} at the last step before the
 * freeze: the odds are less than three to one either way. Some always are, where the budget ends
 * within a row of equals; more than {@value #SHARE} of all means that another seed would choose
 * otherwise.
 *
 * @param undecided numbers of the undecided candidates
 * @param surviving how many of them survived
 * @param gates how many gates there are
 */
public record UndecidedGates(List<Integer> undecided, int surviving, int gates) implements Finding {
  /** Least P(open) of an undecided gate. */
  public static final double LOW = 0.25;

  /** Greatest P(open) of an undecided gate. */
  public static final double HIGH = 0.75;

  static final double SHARE = 1.0 / 3;

  public UndecidedGates {
    undecided = List.copyOf(undecided);
  }

  /** Numbers of the candidates that were undecided at the freeze. */
  public static List<Integer> undecided(RunHistory history) {
    List<Double> open = history.atFreeze().open();
    return IntStream.range(0, open.size())
        .filter(i -> open.get(i) >= LOW && open.get(i) <= HIGH)
        .boxed()
        .toList();
  }

  static Optional<UndecidedGates> find(RunHistory history) {
    List<Integer> undecided = undecided(history);
    int gates = history.candidates().size();
    List<Integer> survivors = history.survivors();
    int surviving = (int) undecided.stream().filter(survivors::contains).count();
    return undecided.size() > SHARE * gates
        ? Optional.of(new UndecidedGates(undecided, surviving, gates))
        : Optional.empty();
  }

  @Override
  public String title() {
    return "Many gates were undecided at the freeze";
  }

  @Override
  public String evidence() {
    return String.format(
        Locale.ROOT,
        "%d of %d gates had P(open) between %.2f and %.2f; %d of them survived",
        undecided.size(),
        gates,
        LOW,
        HIGH,
        surviving);
  }

  @Override
  public String cause() {
    return "the search was too short for the gates to part, or these candidates are worth the same"
        + " to the task";
  }

  @Override
  public String remedy() {
    return "more --steps or a higher --gate-learning-rate; if that changes nothing, compare seeds"
        + " with 'sluice bundle diff' and take the cheaper structure";
  }
}
