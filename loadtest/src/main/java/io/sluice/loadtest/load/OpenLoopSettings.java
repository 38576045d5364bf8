package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import io.sluice.loadtest.TaskMix;
import java.time.Duration;
import java.util.List;

/**
 * Who asks what, how often.
 *
 * @param ratePerSecond requests a second on average; the gaps between them are exponential, so that
 *     they come as those of many clients who know nothing of each other
 * @param duration how long requests are sent
 * @param deadline of a request
 * @param seed of the gaps, tasks and texts
 */
public record OpenLoopSettings(
    TaskMix tasks,
    List<TextPair> texts,
    double ratePerSecond,
    Duration duration,
    Duration deadline,
    long seed) {
  public OpenLoopSettings {
    requireNonNull(tasks, "tasks");
    texts = List.copyOf(texts);
    requireNonNull(duration, "duration");
    requireNonNull(deadline, "deadline");
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("texts: none (expected: at least 1)");
    }
    if (!(ratePerSecond > 0) || ratePerSecond > 1e6) {
      throw new IllegalArgumentException(
          "ratePerSecond: " + ratePerSecond + " (expected: above 0, at most 1000000)");
    }
    if (duration.isNegative() || duration.isZero() || deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException(
          "duration, deadline: " + duration + ", " + deadline + " (expected: > 0 each)");
    }
  }
}
