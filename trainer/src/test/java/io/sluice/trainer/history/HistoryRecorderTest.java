package io.sluice.trainer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryRecorderTest {
  private static final int STEPS = 10_000;
  private static final List<SearchedCandidate> CANDIDATES =
      List.of(
          new SearchedCandidate(1, "low_rank", 4, 100, 200, 100),
          new SearchedCandidate(2, "scale_shift", 0, 16, 32, 16));

  @Test
  void history_longRun_isBoundedWithoutGapsAndItsMeansAreRight() {
    HistoryRecorder recorder = fed(new HistoryRecorder(), 0, STEPS, STEPS);
    RunHistory history = recorder.history();
    assertThat(history.spans()).hasSizeBetween(1000, 2048);
    assertThat(history.gates()).hasSizeBetween(55, 70);
    int next = 1;
    double sum = 0;
    double greatest = 0;
    for (StepSpan span : history.spans()) {
      assertThat(span.firstStep()).isEqualTo(next);
      next = span.lastStep() + 1;
      sum += span.loss() * span.steps();
      greatest = Math.max(greatest, span.greatestLoss());
    }
    assertThat(next).isEqualTo(STEPS + 1);
    double expected = 0;
    double expectedGreatest = 0;
    for (int step = 1; step <= STEPS; step++) {
      expected += loss(step);
      expectedGreatest = Math.max(expectedGreatest, loss(step));
    }
    assertThat(sum).isCloseTo(expected, within(1e-6));
    assertThat(greatest).isEqualTo(expectedGreatest);
  }

  @Test
  void resume_atAnyStep_givesTheHistoryOfTheRunThatWasNotInterrupted() {
    RunHistory whole = fed(new HistoryRecorder(), 0, STEPS, STEPS).history();
    Random random = new Random(3);
    for (int i = 0; i < 5; i++) {
      int cut = 1 + random.nextInt(STEPS - 1);
      RunHistory saved = fed(new HistoryRecorder(), 0, cut, STEPS).history();
      HistoryRecorder recorder = new HistoryRecorder();
      recorder.resume(saved);
      assertThat(fed(recorder, cut, STEPS, STEPS).history()).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @Test
  void atFreeze_isTheLastRowOfTheSearchAndSurvivorsAreThoseOfTheEnd() {
    RunHistory history = fed(new HistoryRecorder(), 0, 1000, 1000).history();
    assertThat(history.atFreeze().step()).isEqualTo(699);
    assertThat(history.atFreeze().open()).containsExactly(open(699), 1 - open(699));
    assertThat(history.survivors()).containsExactly(1);
    assertThat(history.spans(Phase.FINE_TUNE).get(0).open().parameters()).isEqualTo(16);
    assertThat(history.spans(Phase.OPEN).get(0).open().flopsPerToken()).isEqualTo(232);
    assertThat(fed(new HistoryRecorder(), 0, 500, 1000).history().survivors()).isEmpty();
  }

  private static HistoryRecorder fed(HistoryRecorder recorder, int from, int to, int all) {
    if (from == 0) {
      recorder.over(CANDIDATES, "parameters", 50);
    }
    for (int step = from + 1; step <= to; step++) {
      Phase phase =
          step < all / 10 ? Phase.OPEN : step < all * 7 / 10 ? Phase.HOLD : Phase.FINE_TUNE;
      double[] open =
          switch (phase) {
            case OPEN -> new double[] {1, 1};
            case FINE_TUNE -> new double[] {0, 1};
            default -> new double[] {open(step), 1 - open(step)};
          };
      recorder.stepped(
          new StepFigures(phase, step, loss(step), 1e-3, Double.NaN, 50, 50), all, open);
      if (step % 700 == 0) {
        recorder.evaluated(DevScore.of(step, Double.NaN, Map.of("accuracy", 0.5), step == 700));
      }
    }
    return recorder;
  }

  private static double open(int step) {
    return 0.25 + 0.5 * (step % 7) / 7;
  }

  private static double loss(int step) {
    return new Random(step).nextDouble();
  }
}
