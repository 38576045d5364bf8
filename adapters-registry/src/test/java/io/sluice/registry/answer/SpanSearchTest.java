package io.sluice.registry.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.registry.answer.SpanWindows.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanSearchTest {
  private static final double ROUNDING = 1e-12;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void best_anyLogits_isTheBestOfAllPairs(long seed) {
    Random random = new Random(seed);
    SpanWindows windows = SpanWindows.over(TestingSpans.of(4, 150), new WindowLimits(60, 17, 100));
    double temperature = 0.5 + random.nextDouble();
    List<float[]> logits = new ArrayList<>();
    windows.windows().forEach(window -> logits.add(logits(window, random)));
    double best = 0;
    double noAnswer = 1;
    for (int w = 0; w < logits.size(); w++) {
      Window window = windows.windows().get(w);
      int tokens = window.encoding().length();
      noAnswer =
          Math.min(
              noAnswer,
              probability(logits.get(w), 0, 0, tokens, temperature)
                  * probability(logits.get(w), tokens, tokens, tokens, temperature));
      for (int from = window.from(); from < window.to(); from++) {
        for (int to = from; to < Math.min(window.to(), from + SpanSearch.LONGEST); to++) {
          int start = window.offset() + from - window.from();
          int end = tokens + window.offset() + to - window.from();
          best =
              Math.max(
                  best,
                  probability(logits.get(w), start, 0, tokens, temperature)
                      * probability(logits.get(w), end, tokens, tokens, temperature));
        }
      }
    }

    SpanSearch.Found found = SpanSearch.best(windows, logits, temperature);

    assertThat(found.score()).as("seed %d", seed).isCloseTo(best, within(ROUNDING));
    assertThat(found.noAnswer()).as("seed %d", seed).isCloseTo(noAnswer, within(ROUNDING));
    int first = found.start() / 4;
    int last = (found.end() - 3) / 4;
    assertThat(last - first).isBetween(0, SpanSearch.LONGEST - 1);
    assertThat(scoreSomewhere(windows, logits, first, last, temperature))
        .as("seed %d", seed)
        .isCloseTo(best, within(ROUNDING));
  }

  @Test
  void best_textWithoutTokens_isNothing() {
    SpanWindows windows = SpanWindows.over(TestingSpans.of(4, 0), new WindowLimits(60, 17, 100));
    SpanSearch.Found found = SpanSearch.best(windows, List.of(new float[2 * windows.tokens()]), 1);
    assertThat(found.score()).isZero();
    assertThat(found.of("")).isEmpty();
  }

  /** The greatest score the span has in any window. */
  private static double scoreSomewhere(
      SpanWindows windows, List<float[]> logits, int first, int last, double temperature) {
    double best = 0;
    for (int w = 0; w < logits.size(); w++) {
      Window window = windows.windows().get(w);
      if (first >= window.from() && last < window.to()) {
        int tokens = window.encoding().length();
        int shift = window.offset() - window.from();
        best =
            Math.max(
                best,
                probability(logits.get(w), shift + first, 0, tokens, temperature)
                    * probability(
                        logits.get(w), tokens + shift + last, tokens, tokens, temperature));
      }
    }
    return best;
  }

  private static double probability(
      float[] logits, int at, int from, int count, double temperature) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(logits[i] / temperature);
    }
    return Math.exp(logits[at] / temperature) / sum;
  }

  private static float[] logits(Window window, Random random) {
    float[] logits = new float[2 * window.encoding().length()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * random.nextGaussian());
    }
    return logits;
  }
}
