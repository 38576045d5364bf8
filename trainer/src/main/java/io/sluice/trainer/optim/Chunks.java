package io.sluice.trainer.optim;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A long flat array in parts that several threads may work on, always cut at the same places, so
 * that what is computed part by part does not depend on how many threads there are. A short array
 * is one part.
 */
public final class Chunks {
  private static final int LENGTH = 1 << 16;

  /** One part: indices from {@code from} to before {@code to}. */
  public record Chunk(int from, int to) {}

  private Chunks() {}

  /** The parts of an array of that length, in order; parallel if there are several. */
  public static Stream<Chunk> of(int length) {
    int count = Math.max(1, (length + LENGTH - 1) / LENGTH);
    Stream<Chunk> chunks =
        IntStream.range(0, count)
            .mapToObj(i -> new Chunk(i * LENGTH, Math.min(length, (i + 1) * LENGTH)));
    return count == 1 ? chunks : chunks.parallel();
  }
}
