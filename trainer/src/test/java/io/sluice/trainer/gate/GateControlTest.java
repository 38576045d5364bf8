package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom;
import io.sluice.trainer.random.CounterRandom.Stream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateControlTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hold_anyGatesAndBudget_expectedCostIsBudgetOrBelow(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      double[] costs = random.doubles(1 + random.nextInt(60), 1, 20_000).toArray();
      double[] logAlphas = random.doubles(costs.length, -4.6, 4.6).toArray();
      double free = BudgetShift.expectedCost(logAlphas, costs, 0);
      double budget = free * random.nextDouble() * 1.3 + 1e-3;
      GateControl gates = control(logAlphas, costs, seed);
      gates.hold(budget);
      assertThat(gates.expectedCost())
          .as("seed %s round %s", seed, round)
          .isLessThanOrEqualTo(budget);
      assertThat(gates.expectedCost()).isCloseTo(Math.min(free, budget), within(budget * 1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void gradient_budgetInForce_equalsCentralDifferencesThroughTheShift(long seed) {
    Random random = new Random(seed);
    int size = 6;
    double[] costs = random.doubles(size, 1, 3).toArray();
    double[] logAlphas = random.doubles(size, -1, 3).toArray();
    double budget = BudgetShift.expectedCost(logAlphas, costs, 0) * 0.5;
    double[] weights = random.doubles(size, -1, 1).toArray();
    float[] dz = new float[size];
    for (int i = 0; i < size; i++) {
      dz[i] = (float) weights[i];
      weights[i] = dz[i];
    }
    GateControl gates = control(logAlphas.clone(), costs, seed);
    gates.hold(budget);
    gates.sample(11, new float[size]);
    double[] gradient = gates.gradient(dz);
    double h = 1e-5;
    for (int i = 0; i < size; i++) {
      double[] above = logAlphas.clone();
      double[] below = logAlphas.clone();
      above[i] += h;
      below[i] -= h;
      double difference =
          (loss(above, costs, budget, weights, seed) - loss(below, costs, budget, weights, seed))
              / (2 * h);
      assertThat(gradient[i]).as("seed %s gate %s", seed, i).isCloseTo(difference, within(1e-5));
    }
  }

  /** L = sum w z, in double: the sample as GateControl makes it, without its rounding to float. */
  private static double loss(
      double[] logAlphas, double[] costs, double budget, double[] weights, long seed) {
    double shift = BudgetShift.solve(logAlphas, costs, budget);
    CounterRandom noise = new CounterRandom(seed, Stream.GATE_NOISE);
    double sum = 0;
    for (int i = 0; i < logAlphas.length; i++) {
      sum += weights[i] * HardConcrete.sample(logAlphas[i] - shift, noise.uniform(11, i));
    }
    return sum;
  }

  @Test
  void gradientDescent_oneUsefulGate_budgetGoesToIt() {
    // L = -z_3: with room for one of eight, gate 3 must win it.
    double[] costs = new double[8];
    Arrays.fill(costs, 1);
    double[] logAlphas = new double[8];
    Arrays.fill(logAlphas, 1.35);
    GateControl gates = control(logAlphas, costs, 9);
    float[] z = new float[8];
    float[] dz = new float[8];
    dz[3] = -1;
    for (int step = 0; step < 400; step++) {
      gates.hold(1);
      gates.sample(step, z);
      double[] gradient = gates.gradient(dz);
      for (int i = 0; i < 8; i++) {
        gates.logAlphas()[i] -= 0.5 * gradient[i];
      }
      gates.clamp();
    }
    gates.hold(1);
    assertThat(gates.openProbabilities()[3]).isGreaterThan(0.8);
    assertThat(gates.expectedCost()).isLessThanOrEqualTo(1);
  }

  private static GateControl control(double[] logAlphas, double[] costs, long seed) {
    return new GateControl(logAlphas, costs, new CounterRandom(seed, Stream.GATE_NOISE));
  }
}
