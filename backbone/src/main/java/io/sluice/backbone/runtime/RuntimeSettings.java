package io.sluice.backbone.runtime;

/**
 * How the process computes.
 *
 * @param threads threads that share one operator's work, over all sessions; the calling thread is
 *     one of them
 * @param spinning whether idle threads wait actively: faster when alone on the machine, bad beside
 *     other busy processes
 */
public record RuntimeSettings(int threads, boolean spinning) {
  public RuntimeSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
    }
  }

  /** As many threads as the JVM sees cores, not spinning. */
  public static RuntimeSettings defaults() {
    return new RuntimeSettings(Runtime.getRuntime().availableProcessors(), false);
  }
}
