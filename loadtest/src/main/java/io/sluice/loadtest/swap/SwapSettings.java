package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.LoadSettings;

/**
 * How a swap under load is run. Counts are of exchanges of all clients together.
 *
 * @param warmUp exchanges first; their latencies are dropped, their digests are checked
 * @param before exchanges then, before the script begins
 * @param after exchanges after the script has ended
 */
public record SwapSettings(LoadSettings load, int warmUp, int before, int after) {
  public SwapSettings {
    requireNonNull(load, "load");
    if (warmUp < 1 || before < 1 || after < 1) {
      throw new IllegalArgumentException(
          "warmUp, before, after: " + warmUp + ", " + before + ", " + after + " (expected: >= 1)");
    }
  }

  /** With enough exchanges around the script for percentiles that mean something. */
  public static SwapSettings of(LoadSettings load) {
    return new SwapSettings(load, 100, 400, 400);
  }
}
