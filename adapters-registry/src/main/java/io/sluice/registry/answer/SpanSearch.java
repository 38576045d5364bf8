package io.sluice.registry.answer;

import io.sluice.registry.answer.SpanWindows.Window;
import java.util.List;

/**
 * Finds the span of greatest P(start) P(end) over all windows of a text, at most {@link #LONGEST}
 * tokens long; both are softmaxes over a window's tokens, "no answer" among them. Stateless.
 */
public final class SpanSearch {
  /** Longest span in tokens. */
  public static final int LONGEST = 30;

  private SpanSearch() {}

  /**
   * A piece of a text and its probability.
   *
   * @param start index of its first char
   * @param end index behind its last; {@code start} where the text has no token to answer with
   * @param score P(start) P(end) in the window it was found in; 0 without a span
   * @param noAnswer P(start) P(end) of "no answer", in the window where it is least: what no window
   *     holds, the text does not say
   */
  public record Found(int start, int end, double score, double noAnswer) {
    /** The piece of {@code text}; empty where there is none. */
    public String of(String text) {
      return text.substring(start, end);
    }

    /** Whether there is no piece, or none that is sure enough. */
    public boolean abstains(Decision decision) {
      return end == start || !decision.suffices(score);
    }
  }

  /**
   * The best span; of equal ones the first.
   *
   * @param logits per window the start logits of its tokens, then their end logits
   * @param temperature logits are divided by it
   */
  public static Found best(SpanWindows text, List<float[]> logits, double temperature) {
    Found best = new Found(0, 0, 0, 1);
    double noAnswer = 1;
    for (int i = 0; i < text.windows().size(); i++) {
      Window window = text.windows().get(i);
      float[] row = logits.get(i);
      int tokens = row.length / 2;
      double[] starts = Probabilities.softmax(row, 0, tokens, temperature);
      double[] ends = Probabilities.softmax(row, tokens, 2 * tokens, temperature);
      noAnswer = Math.min(noAnswer, starts[window.nothing()] * ends[window.nothing()]);
      best = better(text, window, starts, ends, best);
    }
    return new Found(best.start, best.end, best.score, noAnswer);
  }

  private static Found better(
      SpanWindows text, Window window, double[] starts, double[] ends, Found best) {
    Found found = best;
    for (int from = window.from(); from < window.to(); from++) {
      double start = starts[window.offset() + from - window.from()];
      int last = Math.min(window.to(), from + LONGEST);
      for (int to = from; start > found.score && to < last; to++) {
        double score = start * ends[window.offset() + to - window.from()];
        if (score > found.score && text.end(to) > text.start(from)) {
          found = new Found(text.start(from), text.end(to), score, 0);
        }
      }
    }
    return found;
  }
}
