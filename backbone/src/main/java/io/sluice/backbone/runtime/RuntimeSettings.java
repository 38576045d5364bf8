package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

/**
 * How the process computes.
 *
 * @param threads threads that share one operator's work, over all sessions; the calling thread is
 *     one of them
 * @param spinning whether threads wait actively for the next operator of a run, not between runs:
 *     faster when alone on the machine, bad beside other busy processes
 * @param device where sessions compute that do not say otherwise
 */
public record RuntimeSettings(int threads, boolean spinning, Device device) {
  public RuntimeSettings {
    requireNonNull(device, "device");
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
    }
  }

  public RuntimeSettings(int threads, boolean spinning) {
    this(threads, spinning, Device.CPU);
  }

  /** The same on another device. */
  public RuntimeSettings on(Device newDevice) {
    return new RuntimeSettings(threads, spinning, newDevice);
  }

  /** As many threads as the JVM sees cores, not spinning. */
  public static RuntimeSettings defaults() {
    return new RuntimeSettings(Runtime.getRuntime().availableProcessors(), false);
  }
}
