package io.sluice.trainer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Temperatures and thresholds against figures worked out by hand or searched for exhaustively. */
class CalibrationTest {
  private static final long SEED = 31;

  /**
   * Two options 2 apart, right three times in four: the least loss is where sigmoid(2 / T) = 3 / 4,
   * so T = 2 / ln 3, and the loss there is the entropy of 3 / 4.
   */
  @Test
  void fit_twoOptionsThreeInFour_isTwoOverLogThree() {
    float[] logits = {2, 0};
    Calibration calibration =
        Calibration.fit(
            List.of(
                new Choice(logits, 0),
                new Choice(logits, 0),
                new Choice(logits, 0),
                new Choice(logits, 1)));
    assertThat(calibration.temperature()).isCloseTo(2 / Math.log(3), within(1e-9));
    assertThat(calibration.lossAfter())
        .isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-12));
    assertThat(calibration.lossBefore())
        .isCloseTo((3 * Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(2))) / 4, within(1e-12));
  }

  @Test
  void fit_randomChoices_noTemperatureAroundIsBetter() {
    Random random = new Random(SEED);
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      float[] logits = new float[2 + random.nextInt(5)];
      for (int j = 0; j < logits.length; j++) {
        logits[j] = (float) (4 * random.nextGaussian());
      }
      int likely = random.nextInt(logits.length);
      logits[likely] += 3;
      choices.add(
          new Choice(logits, random.nextInt(3) == 0 ? random.nextInt(logits.length) : likely));
    }
    Calibration found = Calibration.fit(choices);
    assertThat(found.lossAfter()).as("seed %s", SEED).isLessThan(found.lossBefore());
    for (double factor : new double[] {0.5, 0.9, 0.999, 1.001, 1.1, 2}) {
      assertThat(Calibration.loss(choices, 1 / (found.temperature() * factor)))
          .as("seed %s, %s times %s", SEED, factor, found.temperature())
          .isGreaterThan(found.lossAfter());
    }
  }

  @Test
  void fit_alwaysOrNeverRight_staysWithinBounds() {
    assertThat(Calibration.fit(List.of(new Choice(new float[] {5, 0}, 0))).temperature())
        .isEqualTo(Calibration.LEAST);
    assertThat(Calibration.fit(List.of(new Choice(new float[] {5, 0}, 1))).temperature())
        .isEqualTo(Calibration.GREATEST);
    assertThat(Calibration.fit(List.of())).isEqualTo(Calibration.NONE);
  }

  @Test
  void fit_hugeLogits_staysFinite() {
    Calibration calibration =
        Calibration.fit(
            List.of(
                new Choice(new float[] {3000, -3000}, 0),
                new Choice(new float[] {3000, -3000}, 1)));
    assertThat(calibration.temperature()).isEqualTo(Calibration.GREATEST);
    assertThat(calibration.lossBefore()).isEqualTo(3000);
  }

  @Test
  void reliability_fourAnswers_errorAsByHand() {
    Reliability reliability =
        Reliability.of(
            List.of(
                new Answer(0.95, 1, 0),
                new Answer(0.97, 0, 0),
                new Answer(0.55, 1, 0),
                new Answer(1, 1, 0)));
    // The last of 15 bins holds three, mean score 0.97333, two thirds right; another holds 0.55,
    // right.
    double error = 0.75 * (2.92 / 3 - 2.0 / 3) + 0.25 * 0.45;
    assertThat(reliability.error()).isCloseTo(error, within(1e-12));
    assertThat(reliability.bins()).hasSize(15);
  }

  @Test
  void bestThreshold_someWithoutAnswer_liesBetweenTheScoresItSeparates() {
    List<Answer> answers =
        List.of(
            new Answer(0.9, 1, 0),
            new Answer(0.8, 0.5, 0),
            new Answer(0.4, 0, 1),
            new Answer(0.3, 0, 1),
            new Answer(0.2, 1, 0));
    // 0.9 and 0.8 answered, the rest silent: 1.5 + 2; answering 0.2 as well would cost 2 to gain 1.
    assertThat(Abstention.bestThreshold(answers)).isCloseTo(0.6, within(1e-12));
    Abstention at = Abstention.at(0.6, answers);
    assertThat(at.coverage()).isEqualTo(0.4);
    assertThat(at.worth()).isEqualTo(0.75);
  }

  @Test
  void bestThreshold_everythingAnswerable_isZero() {
    assertThat(Abstention.bestThreshold(List.of(new Answer(0.1, 0, 0), new Answer(0.5, 1, 0))))
        .isZero();
  }
}
