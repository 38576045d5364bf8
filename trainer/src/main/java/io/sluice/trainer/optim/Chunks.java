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

  /** Of parts whose results are nowhere added up, so that it does not matter where they are cut. */
  private static final int SHORT = 1 << 14;

  /** One part: indices from {@code from} to before {@code to}. */
  public record Chunk(int from, int to) {}

  private Chunks() {}

  /** The parts of an array of that length, in order; parallel if there are several. */
  public static Stream<Chunk> of(int length) {
    return of(length, LENGTH);
  }

  /** Shorter parts, for what is done with each number by itself. */
  public static Stream<Chunk> ofEach(int length) {
    return of(length, SHORT);
  }

  private static Stream<Chunk> of(int length, int size) {
    int count = Math.max(1, (length + size - 1) / size);
    Stream<Chunk> chunks =
        IntStream.range(0, count)
            .mapToObj(i -> new Chunk(i * size, Math.min(length, (i + 1) * size)));
    return count == 1 ? chunks : chunks.parallel();
  }
}
