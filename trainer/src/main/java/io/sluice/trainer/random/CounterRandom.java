package io.sluice.trainer.random;

import static java.util.Objects.requireNonNull;

/**
 * Random numbers addressed by (seed, stream, step, index). Immutable, so thread-safe; two calls
 * with one address give one number.
 */
public final class CounterRandom {
  /** What numbers are for: streams of one seed are independent. */
  public enum Stream {
    SPLIT(0),
    SHUFFLE(1),
    INITIAL_WEIGHTS(2),
    GATE_NOISE(3),
    DROPOUT(4),
    ADAPTER_DROPOUT(5),
    STRUCTURE(6);

    /** Enters the counter, so it is never given to another stream. */
    private final int word;

    Stream(int word) {
      this.word = word;
    }
  }

  private static final double UNIT = 0x1p-52;

  private final long seed;
  private final Stream stream;

  public CounterRandom(long seed, Stream stream) {
    this.seed = seed;
    this.stream = requireNonNull(stream, "stream");
  }

  /** A number evenly spread over the open interval (0, 1): neither bound is ever drawn. */
  public double uniform(long step, int index) {
    return unit(bits(step, index));
  }

  /** 52 bits and a half: with 53 the sum would have to be rounded, at the top to 1. */
  static double unit(long bits) {
    return ((bits >>> 12) + 0.5) * UNIT;
  }

  /** A number of the standard normal distribution (Box and Muller 1958). */
  public double gaussian(long step, int index) {
    // Halved addresses: each normal number takes two uniform ones of its own.
    double radius = StrictMath.sqrt(-2 * StrictMath.log(uniform(2 * step, index)));
    return radius * StrictMath.cos(2 * StrictMath.PI * uniform(2 * step + 1, index));
  }

  /** The numbers 0..size-1 in random order (Fisher and Yates). */
  public int[] permutation(long step, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    for (int i = size - 1; i > 0; i--) {
      int j = (int) (uniform(step, i) * (i + 1));
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private long bits(long step, int index) {
    int[] words = {index, stream.word, (int) step, (int) (step >>> 32)};
    Philox.encrypt(words, (int) seed, (int) (seed >>> 32));
    return ((long) words[0] << 32) | (words[1] & 0xFFFFFFFFL);
  }
}
