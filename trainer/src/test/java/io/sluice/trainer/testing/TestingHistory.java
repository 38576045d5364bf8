package io.sluice.trainer.testing;

import io.sluice.trainer.history.DevScore;
import io.sluice.trainer.history.HistoryRecorder;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.history.StepFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * A made-up run of 400 steps over 12 points, sound until told otherwise: the loss falls from 1.2 to
 * 0.3, the gates part, the survivors are points 3, 6, 9 and 12, dev scores rise to 0.8. Fluent; not
 * thread-safe.
 */
public final class TestingHistory {
  public static final int STEPS = 400;
  public static final int POINTS = 12;
  public static final int RAMP = STEPS / 10;
  public static final int HOLD = STEPS * 3 / 10;
  public static final int FREEZE = STEPS * 7 / 10;
  private static final double COST = 1000;
  private static final long SEED = 5;

  /** P(open) of a gate at a step of the search, from 0. */
  public interface Gate {
    double open(int candidate, int step);
  }

  private List<SearchedCandidate> candidates = candidates(List.of("bottleneck_sequential"), 16);
  private double budget = 4 * COST;
  private IntToDoubleFunction loss = step -> 0.3 + 0.9 * Math.exp(-step / 60.0);
  private Gate gate = TestingHistory::parting;
  private IntUnaryOperator survivor = i -> candidates.get(i).point() % 3 == 0 ? 1 : 0;
  private double[] devLosses = {0.62, 0.58, 0.55, 0.53, 0.52};
  private double[] devScores = {0.76, 0.78, 0.79, 0.8, 0.8};

  private TestingHistory() {}

  public static TestingHistory sound() {
    return new TestingHistory();
  }

  /** Candidates of such kinds, all of one rank, at every point. */
  public static List<SearchedCandidate> candidates(List<String> kinds, int rank) {
    List<SearchedCandidate> all = new ArrayList<>();
    for (int point = 1; point <= POINTS; point++) {
      for (String kind : kinds) {
        all.add(new SearchedCandidate(point, kind, rank, 8464, 16_912, COST));
      }
    }
    return all;
  }

  public TestingHistory over(List<SearchedCandidate> searched) {
    candidates = List.copyOf(searched);
    return this;
  }

  public TestingHistory budget(double limit) {
    budget = limit;
    return this;
  }

  /** The loss of each step, from 0, before a little noise. */
  public TestingHistory loss(IntToDoubleFunction ofStep) {
    loss = ofStep;
    return this;
  }

  public TestingHistory gates(Gate of) {
    gate = of;
    return this;
  }

  /** 1 for each candidate that survives, else 0. */
  public TestingHistory survivors(IntUnaryOperator of) {
    survivor = of;
    return this;
  }

  /** Dev losses and scores of the evaluations in fine-tuning. */
  public TestingHistory dev(double[] losses, double[] scores) {
    devLosses = losses.clone();
    devScores = scores.clone();
    return this;
  }

  public RunHistory make() {
    Random noise = new Random(SEED);
    HistoryRecorder recorder = new HistoryRecorder();
    recorder.over(candidates, "parameters", budget);
    double full = candidates.size() * COST;
    for (int step = 0; step < STEPS; step++) {
      Phase phase = phase(step);
      double inForce = inForce(phase, step, full);
      double[] open = new double[candidates.size()];
      double cost = 0;
      for (int i = 0; i < open.length; i++) {
        open[i] = phase == Phase.FINE_TUNE ? survivor.applyAsInt(i) : gate.open(i, step);
        cost += open[i] * COST;
      }
      double noisy = loss.applyAsDouble(step) * (1 + 0.05 * noise.nextGaussian());
      recorder.stepped(
          new StepFigures(phase, step + 1, noisy, 1e-3, 0.5, cost, inForce), STEPS, open);
    }
    for (int i = 0; i < devScores.length; i++) {
      int step = FREEZE + (STEPS - FREEZE) * i / Math.max(1, devScores.length - 1);
      recorder.evaluated(
          DevScore.of(step, devLosses[i], Map.of("accuracy", devScores[i]), best(i)));
    }
    return recorder.history();
  }

  private boolean best(int evaluation) {
    for (int i = 0; i < evaluation; i++) {
      if (devScores[i] >= devScores[evaluation]) {
        return false;
      }
    }
    return true;
  }

  private double inForce(Phase phase, int step, double full) {
    if (phase == Phase.OPEN) {
      return full;
    }
    double left = phase == Phase.RAMP ? 1 - (step - RAMP + 1.0) / (HOLD - RAMP) : 0;
    return budget + (full - budget) * left * left * left;
  }

  private static Phase phase(int step) {
    if (step < RAMP) {
      return Phase.OPEN;
    }
    if (step < HOLD) {
      return Phase.RAMP;
    }
    return step < FREEZE ? Phase.HOLD : Phase.FINE_TUNE;
  }

  /** Open first; then every third gate goes to 0.95 and the others to 0.05. */
  private static double parting(int candidate, int step) {
    if (step < RAMP) {
      return 1;
    }
    double way = Math.min(1, (step - RAMP) / (0.8 * (FREEZE - RAMP)));
    double goal = (candidate + 1) % 3 == 0 ? 0.95 : 0.05;
    return 0.9 + (goal - 0.9) * way;
  }
}
