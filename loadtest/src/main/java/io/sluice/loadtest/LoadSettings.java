package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import java.time.Duration;
import java.util.List;

/**
 * Who asks what.
 *
 * @param target a data port
 * @param tasks the tasks asked, of kind classify; each client draws from its own seed
 * @param texts what is asked; client c of n begins with text c and goes on in steps of n, so that
 *     clients ask different things at a time
 * @param clients number of clients, each with a connection and a thread of its own
 * @param interval from one request of a client to its next; zero: as soon as the last is answered
 * @param deadline of a request
 */
public record LoadSettings(
    Target target,
    TaskMix tasks,
    List<TextPair> texts,
    int clients,
    Duration interval,
    Duration deadline) {
  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

  public LoadSettings {
    requireNonNull(target, "target");
    requireNonNull(tasks, "tasks");
    texts = List.copyOf(texts);
    requireNonNull(interval, "interval");
    requireNonNull(deadline, "deadline");
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("texts: none (expected: at least 1)");
    }
    if (clients < 1) {
      throw new IllegalArgumentException("clients: " + clients + " (expected: >= 1)");
    }
    if (interval.isNegative() || deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException(
          "interval, deadline: " + interval + ", " + deadline + " (expected: >= 0, > 0)");
    }
  }

  /** Clients that ask again as soon as they are answered, with half a minute's patience. */
  public static LoadSettings closedLoop(
      Target target, String task, List<TextPair> texts, int clients) {
    return closedLoop(target, TaskMix.only(task), texts, clients);
  }

  /** The same over several tasks. */
  public static LoadSettings closedLoop(
      Target target, TaskMix tasks, List<TextPair> texts, int clients) {
    return new LoadSettings(target, tasks, texts, clients, Duration.ZERO, DEFAULT_DEADLINE);
  }

  /** The same with clients that ask once per interval. */
  public LoadSettings paced(Duration newInterval) {
    return new LoadSettings(target, tasks, texts, clients, newInterval, deadline);
  }
}
