package io.sluice.trainer;

import io.sluice.trainer.model.EncodedRows;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The rows that a bundle promises its logits for: a few, of lengths from the shortest to the
 * median. Every server that takes the bundle computes them before it answers, so long ones would
 * cost time at each activation and show nothing that short ones do not. Stateless.
 */
final class ProbeRows {
  private static final int MOST = 6;

  private ProbeRows() {}

  /** Chooses among {@code rows}, of which there is at least one; the shortest first. */
  static EncodedRows of(EncodedRows rows) {
    int[] lengths = rows.lengths();
    int[] shorterHalf =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingInt(row -> lengths[row]))
            .limit((lengths.length + 1) / 2)
            .mapToInt(Integer::intValue)
            .toArray();
    int last = shorterHalf.length - 1;
    int count = Math.min(MOST, shorterHalf.length);
    return rows.of(
        IntStream.range(0, count)
            .map(i -> shorterHalf[count == 1 ? last : i * last / (count - 1)])
            .toArray());
  }
}
