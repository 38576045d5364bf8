package io.sluice.trainer.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes, as Linux counts it. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private ProcessMemory() {}

  /** Whether this system tells. */
  public static boolean known() {
    return Files.isReadable(STATUS);
  }

  /** What is resident now. */
  public static long residentBytes() {
    return bytes("VmRSS:");
  }

  /** The most that was resident since the start or since {@link #resetPeak}. */
  public static long peakBytes() {
    return bytes("VmHWM:");
  }

  /** Makes the peak what is resident now. */
  public static void resetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is reachable on the Java heap. */
  public static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long bytes(String field) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(field)) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException(field + " (expected: a line of " + STATUS + ")");
  }
}
