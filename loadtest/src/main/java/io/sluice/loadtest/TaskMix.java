package io.sluice.loadtest;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which task the next request asks: tasks and how popular each is. Immutable, thread-safe.
 *
 * <pre>{@code
 * TaskMix.zipf(names, 1.0) // the second is asked half as often as the first, the third a third
 * }</pre>
 */
public final class TaskMix {
  private final List<String> names;

  /** Share of all requests up to and including each task; the last is 1. */
  private final double[] upTo;

  private TaskMix(List<String> names, double exponent) {
    this.names = List.copyOf(names);
    if (names.isEmpty() || !(exponent >= 0)) {
      throw new IllegalArgumentException(
          "names, exponent: " + names.size() + ", " + exponent + " (expected: >= 1, >= 0)");
    }
    upTo = new double[names.size()];
    double sum = 0;
    for (int rank = 0; rank < upTo.length; rank++) {
      sum += Math.pow(rank + 1, -exponent);
      upTo[rank] = sum;
    }
    for (int rank = 0; rank < upTo.length; rank++) {
      upTo[rank] /= sum;
    }
  }

  /** One task. */
  public static TaskMix only(String name) {
    return new TaskMix(List.of(name), 0);
  }

  /** All equally popular. */
  public static TaskMix uniform(List<String> names) {
    return new TaskMix(names, 0);
  }

  /**
   * Popularity by rank, the first the most popular: {@code 1 / rank^exponent}.
   *
   * @param exponent 0 is uniform; about 1 is what is seen of words and of web pages
   */
  public static TaskMix zipf(List<String> names, double exponent) {
    return new TaskMix(names, exponent);
  }

  /** The tasks by falling popularity. */
  public List<String> names() {
    return names;
  }

  /** A task by chance. */
  public String pick(RandomGenerator random) {
    return names.get(pickRank(random));
  }

  /** The place of a task by chance, from 0. */
  public int pickRank(RandomGenerator random) {
    int found = Arrays.binarySearch(upTo, random.nextDouble());
    return Math.min(found < 0 ? -found - 1 : found, upTo.length - 1);
  }
}
