package io.sluice.server.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The server's own rows, waiting in groups, each to be computed in one batch. They yield: a group
 * has its turn when nobody else waits, or when none had one for {@link #PATIENCE}. While clients
 * ask, no more go together than take about as long as a text of a client, so that who comes next
 * waits for that at most; the longer nobody has asked, the more. Not thread-safe.
 */
final class BackgroundRows {
  /** A group goes at least this often, so that a busy server still gets ahead with them. */
  static final Duration PATIENCE = Duration.ofMillis(100);

  /** Whoever has not come for so long is not likely to come in the next moment. */
  static final Duration QUIET = Duration.ofMillis(50);

  /** Nobody is there. */
  static final Duration DESERTED = Duration.ofSeconds(1);

  /** Rows times longest row of a batch while clients ask: no more than one of their own texts. */
  private static final int BUSY_TOKENS = 64;

  /** The same while it is quiet. */
  private static final int QUIET_TOKENS = 256;

  private record Group(List<Row> rows, long sinceNanos) {
    int longest() {
      return rows.stream().mapToInt(row -> row.tokens().length()).max().orElse(0);
    }
  }

  private final BatchingSettings settings;
  private final ArrayDeque<Group> groups = new ArrayDeque<>();
  private long takenNanos;

  BackgroundRows(BatchingSettings settings, long nowNanos) {
    this.settings = settings;
    this.takenNanos = nowNanos - PATIENCE.toNanos();
  }

  void add(List<Row> group, long nowNanos) {
    groups.add(new Group(List.copyOf(group), nowNanos));
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  /** Whether the first group goes before rows of clients. */
  boolean isDue(long nowNanos) {
    Group first = groups.peek();
    return first != null
        && nowNanos - first.sinceNanos() >= PATIENCE.toNanos()
        && nowNanos - takenNanos >= PATIENCE.toNanos();
  }

  /**
   * The next batch of at least one group, of which there is one.
   *
   * @param quietNanos since a client's row has come
   */
  List<Row> take(long nowNanos, long quietNanos) {
    takenNanos = nowNanos;
    Group first = groups.remove();
    List<Row> batch = new ArrayList<>(first.rows());
    int longest = first.longest();
    int most = mostTokens(quietNanos);
    while (!groups.isEmpty()) {
      Group next = groups.element();
      int rows = batch.size() + next.rows().size();
      longest = Math.max(longest, next.longest());
      if (rows > settings.maxBatchRows() || (long) rows * longest > most) {
        break;
      }
      batch.addAll(groups.remove().rows());
    }
    return batch;
  }

  private int mostTokens(long quietNanos) {
    int most =
        quietNanos < QUIET.toNanos()
            ? BUSY_TOKENS
            : quietNanos < DESERTED.toNanos() ? QUIET_TOKENS : Integer.MAX_VALUE;
    return Math.min(most, settings.maxBatchTokens());
  }
}
