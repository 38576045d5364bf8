package io.sluice.trainer.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom.Stream;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
  private static final long SEED = 20_260_101;

  @Test
  void uniform_sameAddress_isSameNumber() {
    CounterRandom one = new CounterRandom(SEED, Stream.GATE_NOISE);
    CounterRandom other = new CounterRandom(SEED, Stream.GATE_NOISE);
    one.uniform(7, 1);
    assertThat(one.uniform(1L << 40, 3)).isEqualTo(other.uniform(1L << 40, 3));
  }

  @Test
  void uniform_otherSeedStreamStepOrIndex_isOtherNumber() {
    double base = new CounterRandom(SEED, Stream.GATE_NOISE).uniform(5, 9);
    assertThat(new CounterRandom(SEED + (1L << 32), Stream.GATE_NOISE).uniform(5, 9))
        .isNotEqualTo(base);
    assertThat(new CounterRandom(SEED, Stream.SHUFFLE).uniform(5, 9)).isNotEqualTo(base);
    assertThat(new CounterRandom(SEED, Stream.GATE_NOISE).uniform(5 + (1L << 32), 9))
        .isNotEqualTo(base);
    assertThat(new CounterRandom(SEED, Stream.GATE_NOISE).uniform(5, 8)).isNotEqualTo(base);
  }

  @Test
  void uniform_manyNumbers_haveMomentsOfTheDistribution() {
    CounterRandom random = new CounterRandom(SEED, Stream.GATE_NOISE);
    double[] numbers =
        IntStream.range(0, 100_000).mapToDouble(i -> random.uniform(i / 100, i % 100)).toArray();
    assertThat(Arrays.stream(numbers)).allSatisfy(u -> assertThat(u).isBetween(0.0, 1.0));
    // Four standard errors: sqrt(1/12 / n) and sqrt(1/180 / n).
    assertThat(mean(numbers)).isCloseTo(0.5, within(4 * 9.2e-4));
    assertThat(variance(numbers)).isCloseTo(1.0 / 12, within(4 * 2.4e-4));
  }

  @Test
  void unit_leastAndGreatestBits_areWithinTheOpenInterval() {
    assertThat(CounterRandom.unit(0)).isGreaterThan(0);
    assertThat(CounterRandom.unit(-1)).isLessThan(1);
  }

  @Test
  void gaussian_manyNumbers_haveMomentsOfTheDistribution() {
    CounterRandom random = new CounterRandom(SEED, Stream.INITIAL_WEIGHTS);
    double[] numbers =
        IntStream.range(0, 100_000).mapToDouble(i -> random.gaussian(i / 100, i % 100)).toArray();
    assertThat(mean(numbers)).isCloseTo(0, within(4 * 3.2e-3));
    assertThat(variance(numbers)).isCloseTo(1, within(4 * 4.5e-3));
  }

  @Test
  void permutation_anySize_holdsEachNumberOnce() {
    int[] order = new CounterRandom(SEED, Stream.SHUFFLE).permutation(3, 1000);
    assertThat(order).isNotEqualTo(IntStream.range(0, 1000).toArray());
    Arrays.sort(order);
    assertThat(order).isEqualTo(IntStream.range(0, 1000).toArray());
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElseThrow();
  }

  private static double variance(double[] numbers) {
    double mean = mean(numbers);
    return Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
  }
}
