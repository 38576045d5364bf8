package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuietGatesTest {
  private static final double SHUT = -4.6;
  private static final double OPEN = 2;

  @Test
  void closable_shutLongEnoughFromBelow_countsUpToTheFirstThatIsNot() {
    GateControl gates = gates(SHUT, SHUT, OPEN, SHUT);
    gates.hold(new double[] {1}, 1);
    QuietGates quiet = new QuietGates(4);
    for (int step = 1; step < QuietGates.STEPS; step++) {
      quiet.observe(gates);
    }
    assertThat(quiet.closable()).isZero();
    quiet.observe(gates);
    assertThat(quiet.closable()).isEqualTo(2);
    QuietGates restored = new QuietGates(4);
    restored.restore(quiet.counts());
    assertThat(restored.closable()).isEqualTo(2);
  }

  @Test
  void closable_cameBackOnce_countsAnew() {
    GateControl gates = gates(SHUT, OPEN);
    gates.hold(new double[] {1}, 1);
    QuietGates quiet = new QuietGates(2);
    for (int step = 0; step < QuietGates.STEPS; step++) {
      quiet.observe(gates);
    }
    gates.logAlphas()[0] = OPEN;
    gates.hold(new double[] {1}, 1);
    quiet.observe(gates);
    assertThat(quiet.closable()).isZero();
  }

  /** The oracle is a control that never had the closed gates. */
  @Test
  void close_lowestGates_leavesTheOthersAsIfTheyWereAlone() {
    GateControl closed = control(new double[] {1, 2, 0.5, -1}, 5, 3, 2, 4);
    GateControl alone = control(new double[] {0.5, -1}, 2, 4);
    closed.close(2);
    closed.hold(new double[] {3}, 1);
    alone.hold(new double[] {3}, 1);
    assertThat(closed.expectedCost(0)).isCloseTo(alone.expectedCost(0), within(1e-12));
    assertThat(closed.openProbabilities()).startsWith(0, 0);
    assertThat(Arrays.copyOfRange(closed.openProbabilities(), 2, 4))
        .containsExactly(alone.openProbabilities(), within(1e-12));
    float[] z = {9, 9, 9, 9};
    closed.sample(3, z);
    assertThat(z).startsWith(0f, 0f);
    assertThat(closed.gradient(new float[] {0, 0, 1, -1})).startsWith(0, 0);
    assertThat(closed.shut(0)).isTrue();
    assertThat(closed.shut(2)).isFalse();
  }

  @Test
  void close_fewerThanBeforeOrAll_isRefused() {
    GateControl gates = gates(SHUT, SHUT, OPEN);
    gates.close(2);
    assertThatThrownBy(() -> gates.close(1)).hasMessage("count: 1 (expected: 2..2)");
    assertThatThrownBy(() -> gates.close(3)).hasMessage("count: 3 (expected: 2..2)");
  }

  private static GateControl gates(double... logAlphas) {
    long[] costs = new long[logAlphas.length];
    Arrays.fill(costs, 1);
    return control(logAlphas, costs);
  }

  private static GateControl control(double[] logAlphas, long... costs) {
    int[] points = IntStream.range(1, costs.length + 1).toArray();
    return new GateControl(
        GateForm.HARD_CONCRETE,
        HardConcrete.standard(),
        logAlphas,
        List.of(Constraint.additive("x", points, costs, 1)),
        GateControl.Penalties.none(),
        noise());
  }

  private static CounterRandom noise() {
    return new CounterRandom(3, CounterRandom.Stream.GATE_NOISE);
  }
}
