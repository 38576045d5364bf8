package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.report.Spread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A server under rising rates of requests. Rates take turns in every round, rounds begin at
 * different rates, so that drift hits all alike. Confined to one thread.
 */
public final class RateSweep {
  /** With goodput at least this part of what is offered, a rate is carried. */
  public static final double CARRIED = 0.99;

  /** Rates, as parts of what clients in a closed loop get. */
  private static final List<Double> PARTS = List.of(0.2, 0.4, 0.6, 0.75, 0.9, 1.0, 1.15);

  private static final int CLIENTS = 16;
  private static final int CONNECTIONS = 4;

  /**
   * All repeats of one rate.
   *
   * @param rate requests a second, intended
   * @param windows one for each round
   */
  public record Step(double rate, List<Window> windows) {
    public Step {
      windows = List.copyOf(windows);
    }

    /** Spread of a figure over the rounds. */
    public Spread spread(ToDoubleFunction<Window> figure) {
      return Spread.of(windows.stream().map(figure::applyAsDouble).toList());
    }

    /** Whether the server carries this rate: see {@link RateSweep#CARRIED}. */
    public boolean carried() {
      return spread(window -> window.goodput() / window.offered()).median() >= CARRIED;
    }
  }

  /**
   * What a sweep found.
   *
   * @param closedPerSecond answers a second to clients that wait for them
   * @param steps by rising rate
   */
  public record Found(double closedPerSecond, List<Step> steps) {
    public Found {
      steps = List.copyOf(steps);
    }

    /** The highest rate that is carried; 0 if none is. */
    public double capacity() {
      return steps.stream().filter(Step::carried).mapToDouble(Step::rate).max().orElse(0);
    }
  }

  private final Phase phase;
  private final TaskMix tasks;
  private final long seed;

  public RateSweep(Phase phase, TaskMix tasks, long seed) {
    this.phase = requireNonNull(phase, "phase");
    this.tasks = requireNonNull(tasks, "tasks");
    this.seed = seed;
  }

  /** Answers a second to clients that ask as soon as they are answered. */
  public double closedPerSecond() throws InterruptedException {
    return phase.closed(tasks, CLIENTS).answered();
  }

  /**
   * Sweeps.
   *
   * @param rates requests a second, ascending; none: parts of what a closed loop gets
   */
  public Found run(List<Double> rates, int rounds, Progress progress) throws InterruptedException {
    progress.at(0, "closed loop of " + CLIENTS + " clients");
    double closed = closedPerSecond();
    List<Double> swept =
        rates.isEmpty() ? PARTS.stream().map(part -> part * closed).toList() : rates;
    List<List<Window>> windows = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < swept.size(); i++) {
      windows.add(new ArrayList<>());
      order.add(i);
    }
    double all = 1 + (double) rounds * swept.size();
    double done = 1;
    try (AsyncCalls calls = new AsyncCalls(phase.target(), CONNECTIONS)) {
      for (int round = 0; round < rounds; round++) {
        for (int i : order) {
          progress.at(
              done / all,
              String.format(
                  Locale.ROOT, "%.0f requests/s, round %d of %d", swept.get(i), round + 1, rounds));
          windows.get(i).add(phase.open(calls, tasks, swept.get(i), seed + 1000L * round + i));
          done++;
        }
        Collections.rotate(order, 1);
      }
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < swept.size(); i++) {
      steps.add(new Step(swept.get(i), windows.get(i)));
    }
    return new Found(closed, steps);
  }
}
