package io.sluice.registry.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.registry.bundle.TaskKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogitDriftTest {
  private static final double ROUNDING = 1e-9;

  @Test
  void of_softmaxMovedAsAWhole_isNone() {
    assertThat(drift(TaskKind.CLASSIFY, row(2, 4, 6), row(0, 2, 4))).isZero();
    // Starts and ends are two softmaxes.
    assertThat(drift(TaskKind.ANSWER_SPAN, row(1, 3, 7, 9), row(0, 2, 0, 2))).isZero();
  }

  @Test
  void of_sigmoidsMovedAsAWhole_isWhatTheyMovedBy() {
    assertThat(drift(TaskKind.MULTI_LABEL, row(4, 5), row(3, 4)))
        .isCloseTo(Math.sqrt(2.0 / 25), within(ROUNDING));
  }

  @Test
  void of_numbers_isMeasuredByTheirSpreadOverRows() {
    double drift =
        LogitDrift.of(TaskKind.REGRESS, List.of(row(101), row(103)), List.of(row(100), row(104)));
    assertThat(drift).isCloseTo(Math.sqrt(2.0 / 8), within(ROUNDING));
  }

  @Test
  void of_anotherNumberOfLogits_isInfinite() {
    assertThat(drift(TaskKind.CLASSIFY, row(1, 2), row(1, 2, 3))).isInfinite();
  }

  private static double drift(TaskKind kind, float[] found, float[] expected) {
    return LogitDrift.of(kind, List.of(found), List.of(expected));
  }

  private static float[] row(float... logits) {
    return logits;
  }
}
