package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Clients' rows waiting, in shares, one for each {@link Holder}. Not thread-safe.
 *
 * <p>Served next is the share that has been served the fewest tokens (start-time fair queueing,
 * Goyal, Vin and Cheng 1996). One that comes, or comes back, begins where the others are: it is
 * owed nothing for the time it did not wait. Room, too, is shared: where there is none, the share
 * with the most rows gives up its newest, as long as it has more than the one that comes. A share
 * that waits alone has all of both.
 */
final class FairQueue {
  private static final Comparator<Share> FEWEST_TOKENS_FIRST =
      Comparator.comparingLong((Share queue) -> queue.servedTokens)
          .thenComparingLong(queue -> queue.turn);

  private final BatchingSettings settings;
  private final Map<Holder, Share> shares = new HashMap<>();
  private final int[] rowsOfBucket = new int[LengthBuckets.COUNT];
  private int rows;
  private long tokens;

  /** Where the share stood that was served last. */
  private long servedTokens;

  private long turns;

  FairQueue(BatchingSettings settings) {
    this.settings = requireNonNull(settings, "settings");
  }

  int rows() {
    return rows;
  }

  long tokens() {
    return tokens;
  }

  /** How many holders have rows waiting. */
  int holders() {
    return shares.size();
  }

  int rows(Holder holder) {
    Share queue = shares.get(holder);
    return queue == null ? 0 : queue.rows;
  }

  void add(Row row) {
    int bucket = LengthBuckets.of(row.tokens().length());
    shares.computeIfAbsent(row.holder(), key -> new Share(servedTokens, ++turns)).add(bucket, row);
    rowsOfBucket[bucket]++;
    rows++;
    tokens += row.tokens().length();
  }

  /**
   * Tokens to compute before a share has had those it has waiting and {@code more}, about: every
   * other share has as many meanwhile, if it has as many.
   */
  long tokensBefore(Holder holder, long more) {
    Share own = shares.get(holder);
    long waiting = own == null ? 0 : own.tokens;
    long before = waiting;
    for (Share other : shares.values()) {
      if (other != own) {
        before += Math.min(other.tokens, waiting + more);
      }
    }
    return before;
  }

  /**
   * Takes rows out to make room for others.
   *
   * @param coming rows that are to be added, none of them yet
   * @param into gets those taken out
   * @return whether there is room now; if not, nothing was taken out
   */
  boolean makeRoom(List<Row> coming, List<Row> into) {
    int missing = rows + coming.size() - settings.maxQueuedRows();
    if (missing <= 0) {
      return true;
    }
    Map<Holder, Integer> after = new HashMap<>();
    coming.forEach(row -> after.merge(row.holder(), 1, Integer::sum));
    int level = 0;
    for (Map.Entry<Holder, Integer> own : after.entrySet()) {
      level = Math.max(level, rows(own.getKey()) + own.getValue());
    }
    int spare = 0;
    for (Share queue : shares.values()) {
      spare += Math.max(0, queue.rows - level);
    }
    if (spare < missing) {
      return false;
    }
    for (int i = 0; i < missing; i++) {
      Share longest = longest();
      Row row = longest.removeNewest();
      gone(row);
      into.add(row);
    }
    return true;
  }

  private Share longest() {
    return shares.values().stream().max(Comparator.comparingInt(queue -> queue.rows)).orElseThrow();
  }

  /**
   * Takes a batch of rows of close lengths: from the fullest length bucket, unless the oldest row
   * of the share whose turn it is has been passed over for {@link BatchingSettings#maxDelay()}.
   *
   * @param mostRows 1 or more; rows of a text that is in the batch go with it all the same
   * @param dead gets rows that are of no use any more
   * @return none if there were only such
   */
  List<Row> take(long nowNanos, int mostRows, List<Row> dead) {
    if (shares.isEmpty()) {
      return List.of();
    }
    int bucket = bucket(nowNanos);
    PriorityQueue<Share> turn = new PriorityQueue<>(shares.size(), FEWEST_TOKENS_FIRST);
    for (Share queue : shares.values()) {
      if (!queue.isEmpty(bucket)) {
        turn.add(queue);
      }
    }
    List<Row> batch = new ArrayList<>();
    int longest = 0;
    for (Share queue = turn.poll(); queue != null; queue = turn.poll()) {
      Row row = queue.peek(bucket);
      if (row.isDead(nowNanos)) {
        queue.remove(bucket);
        dead.add(row);
      } else {
        int length = Math.max(longest, row.tokens().length());
        boolean enough = batch.size() >= mostRows && !sharesText(row, batch);
        if (enough || !fits(batch.size(), length)) {
          break;
        }
        queue.remove(bucket);
        batch.add(row);
        longest = length;
        servedTokens = Math.max(servedTokens, queue.servedTokens);
        queue.serve(row.tokens().length(), ++turns);
      }
      gone(row);
      if (!queue.isEmpty(bucket)) {
        turn.add(queue);
      }
    }
    forgetEmpty();
    return batch;
  }

  private int bucket(long nowNanos) {
    Share next = shares.values().stream().min(FEWEST_TOKENS_FIRST).orElseThrow();
    Row oldest = next.oldest(nowNanos);
    if (nowNanos - oldest.submittedNanos() >= settings.maxDelay().toNanos()) {
      return LengthBuckets.of(oldest.tokens().length());
    }
    int fullest = 0;
    for (int bucket = 1; bucket < rowsOfBucket.length; bucket++) {
      if (rowsOfBucket[bucket] > rowsOfBucket[fullest]) {
        fullest = bucket;
      }
    }
    return fullest;
  }

  private static boolean sharesText(Row row, List<Row> batch) {
    return batch.stream().anyMatch(other -> other.tokens().equals(row.tokens()));
  }

  private boolean fits(int batchRows, int longest) {
    return batchRows == 0
        || (batchRows < settings.maxBatchRows()
            && (long) (batchRows + 1) * longest <= settings.maxBatchTokens());
  }

  /** Whether there are rows that are of no use any more. */
  boolean hasDead(long nowNanos) {
    return shares.values().stream().anyMatch(share -> share.hasDead(nowNanos));
  }

  /** Takes out all rows that are of no use any more. */
  void removeDead(long nowNanos, List<Row> dead) {
    for (Share queue : shares.values()) {
      for (Row row : queue.removeDead(nowNanos)) {
        gone(row);
        dead.add(row);
      }
    }
    forgetEmpty();
  }

  private void gone(Row row) {
    rowsOfBucket[LengthBuckets.of(row.tokens().length())]--;
    rows--;
    tokens -= row.tokens().length();
  }

  private void forgetEmpty() {
    shares.values().removeIf(queue -> queue.rows == 0);
  }
}
