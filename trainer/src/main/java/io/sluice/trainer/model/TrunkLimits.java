package io.sluice.trainer.model;

/**
 * How much of the trunk's activations is kept; what finds no room is computed again each time it is
 * needed. The limits decide how long a run takes, never what comes out of it.
 *
 * @param memoryBytes greatest size outside the Java heap
 * @param diskBytes greatest size of the temporary file behind that
 */
public record TrunkLimits(long memoryBytes, long diskBytes) {
  public TrunkLimits {
    if (memoryBytes < 0 || diskBytes < 0) {
      throw new IllegalArgumentException(
          "memoryBytes, diskBytes: " + memoryBytes + ", " + diskBytes + " (expected: >= 0 each)");
    }
  }

  /** 512 MiB of memory, then 8 GiB of disk. */
  public static TrunkLimits defaults() {
    return new TrunkLimits(512L << 20, 8L << 30);
  }

  /** Nothing is kept. */
  public static TrunkLimits none() {
    return new TrunkLimits(0, 0);
  }
}
