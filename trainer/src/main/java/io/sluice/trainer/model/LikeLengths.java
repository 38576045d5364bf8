package io.sluice.trainer.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Rows of like length together, so that little is padded. Stateless. */
public final class LikeLengths {
  /** Tokens of a batch on a processor, padding included. */
  public static final int BATCH_TOKENS = 2048;

  private LikeLengths() {}

  /**
   * Cuts rows into batches, the shortest first.
   *
   * @param lengths tokens of each row
   * @param batchTokens most tokens of a batch, padding included; a longer row is one by itself
   * @return numbers of the rows of each batch; every row is in one
   */
  public static List<int[]> batches(int[] lengths, int batchTokens) {
    int[] order =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingInt(row -> lengths[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    List<int[]> batches = new ArrayList<>();
    int from = 0;
    while (from < order.length) {
      int to = from + 1;
      while (to < order.length && (to + 1 - from) * lengths[order[to]] <= batchTokens) {
        to++;
      }
      batches.add(Arrays.copyOfRange(order, from, to));
      from = to;
    }
    return batches;
  }
}
