package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom;
import io.sluice.trainer.random.CounterRandom.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HardConcreteTest {
  private static final HardConcrete LAW = HardConcrete.standard();
  private static final CounterRandom RANDOM = new CounterRandom(42, Stream.GATE_NOISE);

  @ParameterizedTest
  @CsvSource({
    "-4.605, .047, 0",
    "-2.398, .310, 0",
    "0, .832, .50",
    "1.35, .95, .85",
    "2.398, .982, 1",
    "4.605, .998, 1"
  })
  void openProbabilityAndTestGate_tabledValues_agree(double logAlpha, double open, double gate) {
    assertThat(LAW.openProbability(logAlpha)).isCloseTo(open, within(6e-4));
    assertThat(HardConcrete.testGate(logAlpha)).isCloseTo(gate, within(6e-3));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-3, -1, 0, 1.35, 3})
  void sample_manyDraws_areOpenAsOftenAsSaid(double logAlpha) {
    int open = 0;
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      double z = LAW.sample(logAlpha, RANDOM.uniform(i, 0));
      assertThat(z).isBetween(0.0, 1.0);
      open += z > 0 ? 1 : 0;
    }
    // Four standard errors at worst.
    assertThat((double) open / draws).isCloseTo(LAW.openProbability(logAlpha), within(0.0142));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-4, -1.5, 0, 1.35, 4})
  void slopes_anyNoise_equalCentralDifferences(double logAlpha) {
    double h = 1e-6;
    for (int i = 0; i < 200; i++) {
      double u = RANDOM.uniform(i, 1);
      double below = LAW.sample(logAlpha - h, u);
      double above = LAW.sample(logAlpha + h, u);
      boolean kink = (below == 0) != (above == 0) || (below == 1) != (above == 1);
      if (!kink) {
        assertThat(LAW.sampleSlope(logAlpha, u)).isCloseTo((above - below) / (2 * h), within(1e-8));
      }
    }
    double difference =
        (LAW.openProbability(logAlpha + h) - LAW.openProbability(logAlpha - h)) / (2 * h);
    assertThat(LAW.openProbabilitySlope(logAlpha)).isCloseTo(difference, within(1e-8));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-30, -4.6, 0, 1, 4.6})
  void openMedian_anyGate_splitsOpenDrawsInHalf(double logAlpha) {
    double median = LAW.openMedian(logAlpha);
    assertThat(median).isGreaterThan(0).isLessThanOrEqualTo(1);
    double open = LAW.openProbability(logAlpha);
    // z grows with u: draws with u above 1 - P are open, and half of those are above 1 - P/2.
    assertThat(LAW.sample(logAlpha, 1 - open * 0.51)).isLessThanOrEqualTo(median);
    assertThat(LAW.sample(logAlpha, 1 - open * 0.49)).isGreaterThanOrEqualTo(median);
  }
}
