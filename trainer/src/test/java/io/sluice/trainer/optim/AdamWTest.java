package io.sluice.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamWTest {
  /** The published update in double, the sums written out instead of run on. */
  @Test
  void update_randomGradients_equalsUnrolledFormulaInDouble() {
    long seed = 5;
    Random random = new Random(seed);
    int size = 50;
    float[] values = new float[size];
    double[] expected = new double[size];
    float[] scales = new float[size];
    boolean[] decayed = new boolean[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
      expected[i] = values[i];
      scales[i] = i % 3 == 0 ? 0.5f : 1;
      decayed[i] = i % 2 == 0;
    }
    AdamW adam = new AdamW(AdamW.Settings.withDecay(0.1), scales, decayed);
    int steps = 60;
    float[][] gradients = new float[steps][size];
    for (int t = 0; t < steps; t++) {
      double rate = 0.01 * (1 + t % 4);
      for (int i = 0; i < size; i++) {
        gradients[t][i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(4) - 3));
      }
      adam.update(values, gradients[t], rate);
      for (int i = 0; i < size; i++) {
        double m = 0;
        double v = 0;
        for (int s = 0; s <= t; s++) {
          m += 0.1 * Math.pow(0.9, t - s) * gradients[s][i];
          v += 0.001 * Math.pow(0.999, t - s) * gradients[s][i] * gradients[s][i];
        }
        m /= 1 - Math.pow(0.9, t + 1);
        v /= 1 - Math.pow(0.999, t + 1);
        expected[i] -=
            rate * scales[i] * (m / (Math.sqrt(v) + 1e-8) + (decayed[i] ? 0.1 * expected[i] : 0));
      }
    }
    for (int i = 0; i < size; i++) {
      assertThat((double) values[i])
          .as("seed %s value %s", seed, i)
          .isCloseTo(expected[i], within(2e-5));
    }
  }

  @Test
  void select_someValues_goOnAsIfAlone() {
    float[] scales = {1, 1, 1, 1};
    boolean[] decayed = {true, false, true, false};
    AdamW all = new AdamW(AdamW.Settings.withDecay(0.01), scales, decayed);
    float[] values = {1, 2, 3, 4};
    all.update(values, new float[] {.1f, .2f, -.3f, .4f}, 0.1);
    AdamW selected = all.select(new int[] {3, 0});
    float[] some = {values[3], values[0]};
    all.update(values, new float[] {.5f, .6f, .7f, .8f}, 0.1);
    selected.update(some, new float[] {.8f, .5f}, 0.1);
    assertThat(some).containsExactly(values[3], values[0]);
  }

  /** Arrays long enough to be cut are moved as if they were not. */
  @Test
  void update_longArray_equalsTheSamePieceByPiece() {
    long seed = 6;
    Random random = new Random(seed);
    int size = (1 << 20) + 12_345;
    float[] scales = new float[size];
    boolean[] decayed = new boolean[size];
    float[] whole = new float[size];
    for (int i = 0; i < size; i++) {
      scales[i] = 1 + i % 2;
      decayed[i] = i % 3 == 0;
      whole[i] = random.nextFloat();
    }
    AdamW.Settings settings = AdamW.Settings.withDecay(0.1);
    AdamW adam = new AdamW(settings, scales, decayed);
    float[] gradients = new float[size];
    float[] pieces = whole.clone();
    int piece = 100_003;
    List<AdamW> adams = new ArrayList<>();
    for (int from = 0; from < size; from += piece) {
      int to = Math.min(size, from + piece);
      adams.add(
          new AdamW(
              settings,
              Arrays.copyOfRange(scales, from, to),
              Arrays.copyOfRange(decayed, from, to)));
    }
    for (int step = 0; step < 3; step++) {
      for (int i = 0; i < size; i++) {
        gradients[i] = random.nextFloat() - 0.5f;
      }
      adam.update(whole, gradients, 0.01);
      for (int p = 0; p < adams.size(); p++) {
        int from = p * piece;
        int to = Math.min(size, from + piece);
        float[] part = Arrays.copyOfRange(pieces, from, to);
        adams.get(p).update(part, Arrays.copyOfRange(gradients, from, to), 0.01);
        System.arraycopy(part, 0, pieces, from, part.length);
      }
    }
    assertThat(Arrays.equals(whole, pieces)).as("seed %s", seed).isTrue();
  }

  @Test
  void clip_longArray_isOfTheLimitAndTheSameEachTime() {
    long seed = 7;
    Random random = new Random(seed);
    float[] gradient = new float[(1 << 20) + 777];
    double squares = 0;
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) random.nextGaussian();
      squares += (double) gradient[i] * gradient[i];
    }
    float[] again = gradient.clone();
    double norm = GradientNorm.clip(gradient, 2);
    assertThat(norm).as("seed %s", seed).isCloseTo(Math.sqrt(squares), within(1e-9 * norm));
    assertThat(GradientNorm.clip(gradient, Double.MAX_VALUE)).isCloseTo(2, within(1e-4));
    assertThat(GradientNorm.clip(again, 2)).isEqualTo(norm);
    assertThat(Arrays.equals(gradient, again)).isTrue();
  }

  @Test
  void clip_longGradient_isScaledToLimit() {
    float[] gradient = {3, 4};
    assertThat(GradientNorm.clip(gradient, 1)).isEqualTo(5);
    assertThat(gradient[0]).isCloseTo(0.6f, within(1e-6f));
    assertThat(GradientNorm.clip(gradient, 2)).isCloseTo(1, within(1e-6));
  }

  @Test
  void learningRate_course_risesStaysDropsEndsAtZero() {
    LearningRate rate = new LearningRate(100, 10, 70, 1.0 / 3);
    assertThat(rate.at(0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(9)).isEqualTo(1);
    assertThat(rate.at(69)).isEqualTo(1);
    assertThat(rate.at(70)).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(rate.at(99)).isCloseTo(1.0 / 90, within(1e-12));
  }
}
