package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.random.CounterRandom;
import io.sluice.trainer.random.CounterRandom.Stream;
import org.junit.jupiter.api.Test;
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
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.9, 1})
  void everyTemperature_drawsSlopesAndMedian_belongTogether(double temperature) {
    HardConcrete law = new HardConcrete(temperature);
    double h = 1e-6;
    for (double logAlpha : new double[] {-2, 0, 1.5}) {
      int open = 0;
      int upper = 0;
      int draws = 20_000;
      double median = law.openMedian(logAlpha);
      for (int i = 0; i < draws; i++) {
        double u = RANDOM.uniform(i, 2);
        double z = law.sample(logAlpha, u);
        open += z > 0 ? 1 : 0;
        upper += z >= median ? 1 : 0;
        double below = law.sample(logAlpha - h, u);
        double above = law.sample(logAlpha + h, u);
        if (below > 0 && above < 1) {
          assertThat(law.sampleSlope(logAlpha, u))
              .isCloseTo((above - below) / (2 * h), within(1e-6));
        }
      }
      // P(z != 0) by eq. 12 of Louizos et al. 2018, written out; four standard errors at worst.
      double stated = 1 / (1 + Math.exp(-(logAlpha - temperature * Math.log(0.1 / 1.1))));
      assertThat(law.openProbability(logAlpha)).isCloseTo(stated, within(1e-12));
      assertThat((double) open / draws).isCloseTo(stated, within(0.0142));
      if (median < 1) {
        assertThat((double) upper / open).isCloseTo(0.5, within(0.03));
      }
    }
  }

  @Test
  void lowerTemperature_leavesFewerSamplesInTheMiddle() {
    int before = Integer.MAX_VALUE;
    for (double temperature : new double[] {1, 2.0 / 3, 0.3, 0.1}) {
      HardConcrete law = new HardConcrete(temperature);
      int middle = 0;
      for (int i = 0; i < 5000; i++) {
        double z = law.sample(0, RANDOM.uniform(i, 3));
        middle += z > 0 && z < 1 ? 1 : 0;
      }
      assertThat(middle).isLessThan(before);
      before = middle;
    }
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
