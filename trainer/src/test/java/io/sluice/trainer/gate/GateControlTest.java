package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom;
import io.sluice.trainer.random.CounterRandom.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateControlTest {
  private static final int POINTS = 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hold_anyGatesAndBudgets_noExpectedCostExceedsItsBudgetAndOneMeetsIt(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int size = 1 + random.nextInt(60);
      double[] logAlphas = random.doubles(size, -4.6, 4.6).toArray();
      List<Constraint> constraints = constraints(random, size);
      double sharpness = 1 + 5 * random.nextDouble();
      GateControl gates = control(logAlphas, constraints, seed);
      double[] free = budgets(constraints, 2);
      gates.hold(free, sharpness);
      double[] costs = costs(gates, constraints);
      double[] budgets = new double[costs.length];
      Arrays.setAll(budgets, c -> costs[c] * random.nextDouble() * 1.5 + 1e-3);
      gates.hold(budgets, sharpness);
      double[] held = costs(gates, constraints);
      boolean met = false;
      boolean within = true;
      for (int c = 0; c < budgets.length; c++) {
        assertThat(held[c]).as("seed %s round %s", seed, round).isLessThanOrEqualTo(budgets[c]);
        met |= Math.abs(held[c] - budgets[c]) <= budgets[c] * 1e-9;
        within &= costs[c] <= budgets[c];
      }
      if (within) {
        assertThat(held).containsExactly(costs);
      } else {
        assertThat(met).as("seed %s round %s", seed, round).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6, 7})
  void gradient_budgetsAndPenaltiesInForce_equalsCentralDifferencesThroughTheShift(long seed) {
    Random random = new Random(seed);
    int size = 7;
    double[] logAlphas = random.doubles(size, -1, 3).toArray();
    List<Constraint> constraints = constraints(random, size);
    double[] budgets = budgets(constraints, 0.4);
    TrunkPreference trunk = new TrunkPreference(random.nextDouble(), POINTS);
    double sharpness = 1 + random.nextDouble();
    HardConcrete law = new HardConcrete(0.3 + 0.7 * random.nextDouble());
    float[] dz = new float[size];
    for (int i = 0; i < size; i++) {
      dz[i] = (float) (2 * random.nextDouble() - 1);
    }
    GateControl gates =
        new GateControl(
            GateForm.HARD_CONCRETE,
            law,
            logAlphas.clone(),
            constraints,
            new GateControl.Penalties(trunk, 1),
            new CounterRandom(seed, Stream.GATE_NOISE));
    gates.hold(budgets, sharpness);
    gates.sample(11, new float[size]);
    double[] gradient = gates.gradient(dz);
    double h = 1e-5;
    for (int i = 0; i < size; i++) {
      double[] difference = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = logAlphas.clone();
        moved[i] += side == 0 ? h : -h;
        BudgetShift shift = BudgetShift.solve(law, moved, 0, constraints, budgets, sharpness);
        CounterRandom noise = new CounterRandom(seed, Stream.GATE_NOISE);
        double[] open = new double[size];
        for (int j = 0; j < size; j++) {
          double shifted = sharpness * (moved[j] - shift.amount());
          open[j] = law.openProbability(shifted);
          difference[side] += dz[j] * law.sample(shifted, noise.uniform(11, j));
        }
        difference[side] += trunk.expected(open, points(constraints.get(0)));
      }
      assertThat(gradient[i])
          .as("seed %s gate %s", seed, i)
          .isCloseTo((difference[0] - difference[1]) / (2 * h), within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9})
  void gradient_sigmoidGates_equalsCentralDifferencesOfLossAndPenalty(long seed) {
    Random random = new Random(seed);
    int size = 6;
    double[] logAlphas = random.doubles(size, -2, 2).toArray();
    List<Constraint> constraints = constraints(random, size);
    float[] dz = new float[size];
    Arrays.fill(dz, 0.3f);
    GateControl gates = sigmoid(logAlphas.clone(), constraints, 0.7);
    gates.hold(budgets(constraints, 0.1), 5);
    float[] z = new float[size];
    gates.sample(3, z);
    double[] gradient = gates.gradient(dz);
    double h = 1e-5;
    for (int i = 0; i < size; i++) {
      assertThat((double) z[i]).isCloseTo(1 / (1 + Math.exp(-logAlphas[i])), within(1e-6));
      double[] loss = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = logAlphas.clone();
        moved[i] += side == 0 ? h : -h;
        double[] open = Arrays.stream(moved).map(HardConcrete::sigmoid).toArray();
        Constraint first = constraints.get(0);
        loss[side] = dz[0] * Arrays.stream(open).sum() + 0.7 * first.expected(open) / first.full();
      }
      assertThat(gradient[i])
          .as("seed %s gate %s", seed, i)
          .isCloseTo((loss[0] - loss[1]) / (2 * h), within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(GateForm.class)
  void keptValue_anyGate_isAboveZeroAndAtMostOne(GateForm form) {
    double[] logAlphas = new Random(3).doubles(50, -4.6, 4.6).toArray();
    List<Constraint> constraints = constraints(new Random(4), 50);
    GateControl gates =
        new GateControl(
            form,
            HardConcrete.standard(),
            logAlphas,
            constraints,
            GateControl.Penalties.none(),
            new CounterRandom(1, Stream.GATE_NOISE));
    gates.hold(budgets(constraints, 0.1), 2);
    for (int i = 0; i < 50; i++) {
      assertThat(gates.keptValue(i)).isGreaterThan(0).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void gradientDescent_oneUsefulGate_budgetGoesToIt() {
    // L = -z_3: with room for one of eight, gate 3 must win it.
    long[] costs = new long[8];
    Arrays.fill(costs, 1);
    double[] logAlphas = new double[8];
    Arrays.fill(logAlphas, 1.35);
    GateControl gates =
        control(
            logAlphas,
            List.of(Constraint.additive("x", IntStream.range(1, 9).toArray(), costs, 1)),
            9);
    float[] z = new float[8];
    float[] dz = new float[8];
    dz[3] = -1;
    for (int step = 0; step < 400; step++) {
      gates.hold(new double[] {1}, 1);
      gates.sample(step, z);
      double[] gradient = gates.gradient(dz);
      for (int i = 0; i < 8; i++) {
        gates.logAlphas()[i] -= 0.5 * gradient[i];
      }
      gates.clamp();
    }
    gates.hold(new double[] {1}, 1);
    assertThat(gates.openProbabilities()[3]).isGreaterThan(0.8);
    assertThat(gates.expectedCost(0)).isLessThanOrEqualTo(1);
  }

  @Test
  void hold_sharper_sameExpectedCostWithSurerGates() {
    double[] logAlphas = new Random(5).doubles(24, 0, 3).toArray();
    long[] costs = new long[24];
    Arrays.fill(costs, 8464);
    List<Constraint> constraints =
        List.of(Constraint.additive("x", IntStream.range(1, 25).toArray(), costs, 3 * 8464));
    GateControl gates = control(logAlphas, constraints, 1);
    double before = 1;
    for (double sharpness : new double[] {1, 2, 4, 8, 16}) {
      gates.hold(new double[] {3 * 8464}, sharpness);
      assertThat(gates.expectedCost(0)).isCloseTo(3 * 8464, within(1e-3));
      double undecided = Arrays.stream(gates.openProbabilities()).map(p -> p * (1 - p)).sum() / 24;
      assertThat(undecided).isLessThan(before);
      before = undecided;
    }
  }

  private static List<Constraint> constraints(Random random, int size) {
    int[] points = random.ints(size, 1, POINTS + 1).sorted().toArray();
    List<Constraint> constraints = new ArrayList<>();
    constraints.add(
        Constraint.additive("parameters", points, random.longs(size, 1, 20_000).toArray(), 1));
    constraints.add(new Constraint("points", points, new long[size], 1, 1));
    constraints.add(
        new Constraint("nanoseconds", points, random.longs(size, 0, 900).toArray(), 400, 1));
    return constraints.subList(0, 1 + random.nextInt(3));
  }

  private static int[] points(Constraint constraint) {
    return IntStream.range(0, constraint.size()).map(constraint::point).toArray();
  }

  private static double[] budgets(List<Constraint> constraints, double share) {
    return constraints.stream().mapToDouble(c -> c.full() * share).toArray();
  }

  private static double[] costs(GateControl gates, List<Constraint> constraints) {
    return IntStream.range(0, constraints.size()).mapToDouble(gates::expectedCost).toArray();
  }

  private static GateControl control(double[] logAlphas, List<Constraint> constraints, long seed) {
    return new GateControl(
        GateForm.HARD_CONCRETE,
        new HardConcrete(seed == 1 ? 2.0 / 3 : 0.1 + 0.9 / seed),
        logAlphas,
        constraints,
        GateControl.Penalties.none(),
        new CounterRandom(seed, Stream.GATE_NOISE));
  }

  private static GateControl sigmoid(
      double[] logAlphas, List<Constraint> constraints, double weight) {
    return new GateControl(
        GateForm.SIGMOID,
        HardConcrete.standard(),
        logAlphas,
        constraints,
        new GateControl.Penalties(TrunkPreference.none(), weight),
        new CounterRandom(1, Stream.GATE_NOISE));
  }
}
