package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param repeats rounds over all series; before them the server is warmed up by some thousand
 *     requests, for 40 series at most, and one more round is run and dropped
 * @param series time for one series within a round; its first fifth is dropped as well
 * @param seed of the texts
 */
public record FloorSettings(int repeats, Duration series, long seed) {
  public FloorSettings {
    requireNonNull(series, "series");
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats: " + repeats + " (expected: >= 1)");
    }
    if (series.isNegative() || series.isZero()) {
      throw new IllegalArgumentException("series: " + series + " (expected: > 0)");
    }
  }
}
