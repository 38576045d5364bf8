package io.sluice.server.testing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** Damaged copies of bytes: flipped, overwritten, cut, taken out, doubled, put in. */
public final class Mutants {
  private static final int MOST_CHANGES = 4;
  private static final int LONGEST = 32;

  /** Lengths and numbers that readers have fallen for. */
  private static final byte[][] NASTY = {
    {0, 0, 0, 0, 0, 0, 0, 0},
    {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
    {-1, -1, -1, -1, 15},
    {-128, -128, -128, -128, 8},
    {-1, -1, -1, 127},
    {(byte) 0xc0, (byte) 0x80},
    {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
    {'"', '\\', '{', '['},
    {'\r', '\n', '\r', '\n'}
  };

  private Mutants() {}

  /** A copy with one to four changes; it may happen to be the same. */
  public static byte[] of(byte[] bytes, Random random) {
    byte[] mutant = bytes;
    for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
      mutant = changed(mutant, random);
    }
    return mutant;
  }

  private static byte[] changed(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length + 1);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(LONGEST));
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> joined(bytes, at, new byte[0], end);
      case 2 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, end), at);
      case 3 -> joined(bytes, at, NASTY[random.nextInt(NASTY.length)], at);
      case 4 -> joined(bytes, at, random(end - at, random), end);
      default -> flipped(bytes, at, random);
    };
  }

  private static byte[] flipped(byte[] bytes, int at, Random random) {
    byte[] flipped = bytes.clone();
    if (at < flipped.length) {
      flipped[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return flipped;
  }

  private static byte[] random(int count, Random random) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] joined(byte[] bytes, int before, byte[] middle, int after) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(bytes, 0, before);
    all.writeBytes(middle);
    all.write(bytes, after, bytes.length - after);
    return all.toByteArray();
  }
}
