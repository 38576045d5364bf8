package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StructureChoiceTest {
  private static final int POINTS = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void choose_anyGatesCostsAndLimits_equalsBestOfAllSubsets(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      int size = 1 + random.nextInt(11);
      int[] points = random.ints(size, 1, POINTS + 1).sorted().toArray();
      double[] open = random.doubles(size, 0.001, 1).toArray();
      List<Constraint> constraints = constraints(random, points);
      TrunkPreference trunk =
          new TrunkPreference(random.nextBoolean() ? 0 : 2 * random.nextDouble(), POINTS);

      BitSet chosen = StructureChoice.choose(open, constraints, trunk);

      String at = "seed " + seed + " round " + round;
      double best = Double.NEGATIVE_INFINITY;
      for (long subset = 1; subset < 1L << size; subset++) {
        BitSet bits = BitSet.valueOf(new long[] {subset});
        if (fits(bits, points, constraints)) {
          best = Math.max(best, value(bits, open, points, trunk));
        }
      }
      if (best == Double.NEGATIVE_INFINITY) {
        assertThat(chosen).as(at).isEqualTo(new BitSet());
      } else {
        assertThat(fits(chosen, points, constraints)).as(at).isTrue();
        assertThat(value(chosen, open, points, trunk)).as(at).isCloseTo(best, within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void choose_manyCandidatesAndSeveralLimits_isWithinAllOfThem(long seed) {
    Random random = new Random(seed);
    long[] menu = {2308, 4360, 8464, 16_672, 2048, 4096, 8192, 16_384, 512};
    int size = 24 * menu.length;
    int[] points = IntStream.range(0, size).map(i -> i / menu.length + 1).toArray();
    long[] parameters = IntStream.range(0, size).mapToLong(i -> menu[i % menu.length]).toArray();
    long[] nanos = Arrays.stream(parameters).map(p -> 4000 + p + random.nextInt(500)).toArray();
    for (int round = 0; round < 3; round++) {
      double[] open = random.doubles(size, 0.01, 1).toArray();
      List<Constraint> constraints =
          List.of(
              Constraint.additive("parameters", points, parameters, 193_000 + random.nextInt(999)),
              new Constraint("nanoseconds", points, nanos, 9000, 150_000 + random.nextInt(999)),
              new Constraint("points", points, new long[size], 1, 3 + random.nextInt(4)));
      BitSet chosen =
          StructureChoice.choose(open, constraints.subList(0, 1 + round), TrunkPreference.none());
      assertThat(chosen.isEmpty()).isFalse();
      for (Constraint constraint : constraints.subList(0, 1 + round)) {
        assertThat(constraint.of(chosen))
            .as("seed %s round %s %s", seed, round, constraint.unit())
            .isLessThanOrEqualTo(constraint.limit());
      }
    }
  }

  @Test
  void choose_nothingFits_isEmpty() {
    List<Constraint> constraints =
        List.of(Constraint.additive("parameters", new int[] {1, 2}, new long[] {5, 6}, 4));
    assertThat(StructureChoice.choose(new double[] {1, 1}, constraints, TrunkPreference.none()))
        .isEqualTo(new BitSet());
  }

  @Test
  void choose_preferredTrunk_givesUpAWeakLowCandidate() {
    List<Constraint> constraints =
        List.of(Constraint.additive("parameters", new int[] {1, 4}, new long[] {1, 1}, 2));
    double[] open = {0.4, 0.9};
    assertThat(StructureChoice.choose(open, constraints, new TrunkPreference(0.5, 4)))
        .satisfies(chosen -> assertThat(chosen.cardinality()).isEqualTo(2));
    assertThat(StructureChoice.choose(open, constraints, new TrunkPreference(0.6, 4)))
        .isEqualTo(BitSet.valueOf(new long[] {2}));
  }

  /** One to four of: parameters, points, candidates, and a cost with a part for each point. */
  private static List<Constraint> constraints(Random random, int[] points) {
    int size = points.length;
    long[] one = new long[size];
    Arrays.fill(one, 1);
    List<Constraint> all = new ArrayList<>();
    all.add(
        Constraint.additive(
            "parameters", points, random.longs(size, 1, 50).toArray(), 1 + random.nextInt(200)));
    all.add(new Constraint("points", points, new long[size], 1, 1 + random.nextInt(POINTS)));
    all.add(Constraint.additive("candidates", points, one, random.nextInt(size + 1)));
    all.add(
        new Constraint(
            "nanoseconds", points, random.longs(size, 0, 40).toArray(), 15, random.nextInt(250)));
    Collections.shuffle(all, random);
    return all.subList(0, 1 + random.nextInt(4));
  }

  private static boolean fits(BitSet chosen, int[] points, List<Constraint> constraints) {
    for (Constraint constraint : constraints) {
      long cost = 0;
      BitSet used = new BitSet();
      for (int i : chosen.stream().toArray()) {
        cost += constraint.each(i);
        used.set(points[i]);
      }
      cost += used.cardinality() * constraint.perPoint();
      assertThat(constraint.of(chosen)).isEqualTo(cost);
      if (cost > constraint.limit()) {
        return false;
      }
    }
    return true;
  }

  private static double value(BitSet chosen, double[] open, int[] points, TrunkPreference trunk) {
    double sum = chosen.stream().mapToDouble(i -> open[i]).sum();
    int lowest = points[chosen.nextSetBit(0)];
    return sum - trunk.weight() * (POINTS - lowest + 1) / trunk.points();
  }
}
