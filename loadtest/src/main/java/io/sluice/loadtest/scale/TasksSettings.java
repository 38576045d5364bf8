package io.sluice.loadtest.scale;

import java.util.List;

/**
 * How many tasks are registered and asked.
 *
 * @param counts numbers of tasks to look at, ascending
 * @param exponent of their popularity: {@code 1 / rank^exponent}
 * @param connections that register tasks at the same time
 * @param clients that ask again as soon as they are answered
 * @param rounds repeats of each load
 * @param peerBytes memory for the peer, a plain session for each task; 0 for no peer
 */
public record TasksSettings(
    List<Integer> counts,
    double exponent,
    int connections,
    int clients,
    int rounds,
    long peerBytes) {
  private static final int MOST_CONNECTIONS = 16;

  public TasksSettings {
    counts = counts.stream().sorted().distinct().toList();
    if (counts.isEmpty() || counts.get(0) < 1) {
      throw new IllegalArgumentException("counts: " + counts + " (expected: 1 or more, each >= 1)");
    }
    if (connections < 1 || connections > MOST_CONNECTIONS) {
      throw new IllegalArgumentException(
          "connections: " + connections + " (expected: 1 to " + MOST_CONNECTIONS + ")");
    }
    if (!(exponent >= 0) || clients < 1 || rounds < 1 || peerBytes < 0) {
      throw new IllegalArgumentException(
          "exponent, clients, rounds, peerBytes: "
              + exponent
              + ", "
              + clients
              + ", "
              + rounds
              + ", "
              + peerBytes
              + " (expected: >= 0, >= 1, >= 1, >= 0)");
    }
  }

  /** The greatest of the counts. */
  public int most() {
    return counts.get(counts.size() - 1);
  }
}
