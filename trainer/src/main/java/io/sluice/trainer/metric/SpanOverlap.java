package io.sluice.trainer.metric;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How answered spans overlap with true ones, as SQuAD counts it (Rajpurkar et al. 2016): in lower
 * case, without punctuation and articles, word by word; of several true answers the nearest counts;
 * "no answer" agrees with itself only. Immutable.
 */
public final class SpanOverlap implements Evaluation {
  private static final Pattern PUNCTUATION = Pattern.compile("[\\p{Punct}]");
  private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b");

  private final double exact;
  private final double overlap;
  private final long total;

  /** Sums over the examples. */
  private SpanOverlap(double exact, double overlap, long total) {
    this.exact = exact;
    this.overlap = overlap;
    this.total = total;
  }

  /**
   * Compares answers with the truth.
   *
   * @param truth the true answers of each example; none = it has no answer
   * @param answers what was answered; "" = no answer
   */
  public static SpanOverlap of(List<List<String>> truth, List<String> answers) {
    if (truth.size() != answers.size() || truth.isEmpty()) {
      throw new IllegalArgumentException(
          "answers: " + answers.size() + " (expected: " + truth.size() + ", >= 1)");
    }
    double exact = 0;
    double overlap = 0;
    for (int i = 0; i < answers.size(); i++) {
      exact += exactMatch(truth.get(i), answers.get(i));
      overlap += f1(truth.get(i), answers.get(i));
    }
    return new SpanOverlap(exact, overlap, answers.size());
  }

  @Override
  public SpanOverlap and(Evaluation other) {
    if (!(other instanceof SpanOverlap more)) {
      throw new IllegalArgumentException("other: " + other + " (expected: of spans)");
    }
    return new SpanOverlap(exact + more.exact, overlap + more.overlap, total + more.total);
  }

  @Override
  public long total() {
    return total;
  }

  @Override
  public Metric primary() {
    return Metric.F1;
  }

  /** Share of answers that are a true one, word for word. */
  public double exactMatch() {
    return exact / total;
  }

  /** Mean over the examples of the answer's F1 in words. */
  public double f1() {
    return overlap / total;
  }

  @Override
  public SortedMap<String, Double> measures() {
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put(Metric.EXACT_MATCH.code(), exactMatch());
    measures.put(Metric.F1.code(), f1());
    return measures;
  }

  /** 1 if the answer is a true one, else 0. */
  static double exactMatch(List<String> truth, String answer) {
    List<String> words = words(answer);
    if (truth.isEmpty()) {
      return words.isEmpty() ? 1 : 0;
    }
    return truth.stream().anyMatch(one -> words(one).equals(words)) ? 1 : 0;
  }

  /** The greatest F1 in words between the answer and a true one. */
  public static double f1(List<String> truth, String answer) {
    List<String> words = words(answer);
    if (truth.isEmpty()) {
      return words.isEmpty() ? 1 : 0;
    }
    return truth.stream().mapToDouble(one -> f1Of(words(one), words)).max().orElse(0);
  }

  private static double f1Of(List<String> truth, List<String> answer) {
    if (truth.isEmpty() || answer.isEmpty()) {
      return truth.isEmpty() && answer.isEmpty() ? 1 : 0;
    }
    Map<String, Integer> left = new HashMap<>();
    truth.forEach(word -> left.merge(word, 1, Integer::sum));
    int shared = 0;
    for (String word : answer) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        shared++;
      }
    }
    return 2.0 * shared / (truth.size() + answer.size());
  }

  private static List<String> words(String text) {
    String plain = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    String bare = ARTICLES.matcher(plain).replaceAll(" ").strip();
    return bare.isEmpty() ? List.of() : Arrays.asList(bare.split("\\s+"));
  }
}
