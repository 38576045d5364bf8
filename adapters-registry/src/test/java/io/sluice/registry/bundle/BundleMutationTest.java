package io.sluice.registry.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sluice.registry.testing.TestingBundles;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every kind of damage is told by one of our own exceptions, whatever byte it hits. */
class BundleMutationTest {
  private static final BundleLimits LIMITS = BundleLimits.defaults();
  private static final AdapterBundle BUNDLE =
      new BundleSigner(BundleSigner.newKeys())
          .sign(TestingBundles.small().adaptAt(2, 2).attach("report.html", "<p>").build());

  @Test
  void read_anyBitFlipped_isRefused() {
    byte[] bytes = BUNDLE.bytes();
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        bytes[i] ^= (byte) (1 << bit);
        requireRefused(bytes, "bit " + bit + " of byte " + i);
        bytes[i] ^= (byte) (1 << bit);
      }
    }
    assertThat(BundleReader.read(bytes, LIMITS).digest()).isEqualTo(BUNDLE.digest());
  }

  @Test
  void read_cutAtAnyLength_isRefused() {
    byte[] bytes = BUNDLE.bytes();
    for (int length = 0; length < bytes.length; length++) {
      requireRefused(Arrays.copyOf(bytes, length), "cut at " + length);
      requireRefused(Arrays.copyOfRange(bytes, length + 1, bytes.length), "from " + (length + 1));
    }
  }

  @Test
  void read_withBytesAdded_isRefused() {
    byte[] bytes = BUNDLE.bytes();
    for (int at = 0; at <= bytes.length; at++) {
      byte[] longer = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, longer, 0, at);
      System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
      requireRefused(longer, "a zero byte at " + at);
    }
  }

  @Test
  void read_randomBlocksOverwritten_isRefused() {
    long seed = System.nanoTime();
    System.err.println("BundleMutationTest.randomBlocks: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = BUNDLE.bytes();
      byte[] block = new byte[1 + random.nextInt(64)];
      random.nextBytes(block);
      int at = random.nextInt(bytes.length - block.length);
      System.arraycopy(block, 0, bytes, at, block.length);
      if (!Arrays.equals(bytes, BUNDLE.bytes())) {
        requireRefused(bytes, "block " + i);
      }
    }
  }

  /**
   * Container and checksums are made good again after the damage, so that the inner readers meet
   * it: each refuses it in our words or reads another legal bundle.
   */
  @Test
  void read_contentChangedAndResealed_isRefusedOrAnotherBundle() {
    long seed = System.nanoTime();
    System.err.println("BundleMutationTest.resealed: seed " + seed);
    Random random = new Random(seed);
    int legal = 0;
    int mutants = 0;
    SortedMap<String, byte[]> entries = BUNDLE.entries();
    entries.remove(BundleFormat.SIGNATURE);
    for (var entry : entries.entrySet()) {
      for (int i = 0; i < 500; i++) {
        byte[] changed = mutate(entry.getValue(), random);
        mutants++;
        legal += readsResealed(entries, entry.getKey(), changed) ? 1 : 0;
      }
    }
    System.err.printf("BundleMutationTest.resealed: %d of %d legal%n", legal, mutants);
    assertThat(legal).isBetween(1, mutants / 2);
  }

  private static byte[] mutate(byte[] content, Random random) {
    byte[] changed =
        random.nextInt(4) == 0
            ? Arrays.copyOf(content, random.nextInt(content.length + 4))
            : content.clone();
    for (int flips = random.nextInt(3); flips >= 0 && changed.length > 0; flips--) {
      int at = random.nextInt(changed.length);
      changed[at] =
          random.nextBoolean()
              ? (byte) random.nextInt()
              : (byte) (changed[at] ^ 1 << random.nextInt(Byte.SIZE));
    }
    return changed;
  }

  private static boolean readsResealed(
      SortedMap<String, byte[]> entries, String name, byte[] changed) {
    SortedMap<String, byte[]> mutant = new TreeMap<>(entries);
    mutant.put(name, changed);
    if (!name.equals(BundleFormat.SUMS)) {
      mutant.remove(BundleFormat.SUMS);
      mutant.put(BundleFormat.SUMS, Checksums.encode(mutant));
    }
    try {
      BundleReader.read(StoredZip.encode(mutant), LIMITS);
      return true;
    } catch (BundleCorruptException | BundleTooNewException | BundleTooOldException e) {
      assertThat(e).hasMessageContaining("expected: ");
      return false;
    }
  }

  /** Without AssertJ's own assertion, whose cost shows in tens of thousands of mutants. */
  private static void requireRefused(byte[] bytes, String what) {
    try {
      BundleReader.read(bytes, LIMITS);
    } catch (BundleCorruptException | BundleTooNewException | BundleTooOldException e) {
      if (!String.valueOf(e.getMessage()).contains("expected: ")) {
        fail(what + ": " + e.getMessage());
      }
      return;
    }
    fail(what + ": was accepted");
  }
}
