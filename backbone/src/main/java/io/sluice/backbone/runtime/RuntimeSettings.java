package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

/**
 * How the process computes.
 *
 * @param threads threads that share one operator's work, over all sessions; the calling thread is
 *     one of them
 * @param device where sessions compute that do not say otherwise
 */
public record RuntimeSettings(int threads, Device device) {
  public RuntimeSettings {
    requireNonNull(device, "device");
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
    }
  }

  public RuntimeSettings(int threads) {
    this(threads, Device.CPU);
  }

  /** The same on another device. */
  public RuntimeSettings on(Device newDevice) {
    return new RuntimeSettings(threads, newDevice);
  }

  /** As many threads as the JVM sees cores. */
  public static RuntimeSettings defaults() {
    return new RuntimeSettings(Runtime.getRuntime().availableProcessors());
  }
}
