package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How the floor is measured.
 *
 * @param repeats rounds; each measures everything once, so that what the machine does besides falls
 *     on all alike
 * @param warmUp of each way before the first round
 * @param requests single requests of a round
 * @param slice time for each throughput of a round
 * @param clients requests kept under way for throughput
 */
public record FloorSettings(
    int repeats, Duration warmUp, int requests, Duration slice, int clients) {
  public FloorSettings {
    requireNonNull(warmUp, "warmUp");
    requireNonNull(slice, "slice");
    requirePositive("repeats", repeats);
    requirePositive("requests", requests);
    requirePositive("clients", clients);
  }

  /** 5 rounds of 300 requests and 2 s for each throughput, 64 requests under way. */
  public static FloorSettings defaults() {
    return new FloorSettings(5, Duration.ofSeconds(2), 300, Duration.ofSeconds(2), 64);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
    }
  }
}
