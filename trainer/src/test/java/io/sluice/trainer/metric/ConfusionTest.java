package io.sluice.trainer.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfusionTest {
  @Test
  void measures_twoLabels_equalTextbookFormulas() {
    long seed = 3;
    Random random = new Random(seed);
    int[] truth = random.ints(200, 0, 2).toArray();
    int[] answers = new int[200];
    double tp = 0;
    double tn = 0;
    double fp = 0;
    double fn = 0;
    for (int i = 0; i < 200; i++) {
      answers[i] = random.nextInt(4) == 0 ? 1 - truth[i] : truth[i];
      tp += truth[i] == 1 && answers[i] == 1 ? 1 : 0;
      tn += truth[i] == 0 && answers[i] == 0 ? 1 : 0;
      fp += truth[i] == 0 && answers[i] == 1 ? 1 : 0;
      fn += truth[i] == 1 && answers[i] == 0 ? 1 : 0;
    }
    Confusion confusion = Confusion.of(truth, answers, 2);
    assertThat(confusion.accuracy()).isCloseTo((tp + tn) / 200, within(1e-12));
    double matthews =
        (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
    assertThat(confusion.matthews()).as("seed %s", seed).isCloseTo(matthews, within(1e-12));
    double f1 = (2 * tp / (2 * tp + fp + fn) + 2 * tn / (2 * tn + fp + fn)) / 2;
    assertThat(confusion.macroF1()).isCloseTo(f1, within(1e-12));
  }

  @Test
  void matthews_oneAnswerForAll_isZero() {
    assertThat(Confusion.of(new int[] {0, 1, 2}, new int[] {1, 1, 1}, 3).matthews()).isZero();
  }

  @Test
  void answers_equalLogits_isFirst() {
    assertThat(Confusion.answers(new float[][] {{1, 1, 0}, {0, 2, 1}})).containsExactly(0, 1);
  }
}
