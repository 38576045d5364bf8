package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.server.engine.OverloadedException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue before the engine: bounded, fair between tasks, rows of close lengths together.
 * Thread-safe; one thread takes.
 *
 * <p>Rows gather while the engine is busy and go at once when it is idle. Right behind a batch,
 * when those just answered may be about to ask again, it waits a moment until as many rows are
 * there as were asked at once before, see {@link Gathering}. Tasks take turns. The batch comes from
 * the fullest length bucket, unless the oldest row of the task whose turn it is has been passed
 * over for {@link BatchingSettings#maxDelay()}. A full queue refuses, and so does a half full one a
 * task that holds more than its share of it, and one that would take longer than {@link
 * BatchingSettings#maxQueueWait()} to work off. The server's own rows wait apart, see {@link
 * BackgroundRows}.
 */
final class Batcher implements AutoCloseable {
  private static final Duration LEAST_RETRY = Duration.ofMillis(1);
  private static final Duration MOST_RETRY = Duration.ofSeconds(5);

  /** So many may always wait: a burst this small is no overload, however slow the encoder. */
  private static final int ALWAYS_QUEUED_ROWS = 16;

  private final BatchingSettings settings;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();

  // All below guarded by lock. The order of the map is the order of turns.
  private final Map<String, TaskQueue> tasks = new LinkedHashMap<>();
  private final int[] rowsOfBucket = new int[LengthBuckets.COUNT];
  private int queuedRows;
  private long queuedTokens;
  private long nanosPerRow;
  private final Gathering gathering;
  private final BackgroundRows background;

  /** When a client's row came last. */
  private long submittedNanos;

  /** Whether the batch taken last is of background rows. */
  private boolean inBackground;

  private boolean closed;

  Batcher(BatchingSettings settings, LongSupplier nanoClock) {
    this.settings = requireNonNull(settings, "settings");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    long nowNanos = nanoClock.getAsLong();
    this.gathering = new Gathering(settings.maxGather(), nowNanos);
    this.background = new BackgroundRows(settings, nowNanos);
    this.submittedNanos = nowNanos - BackgroundRows.DESERTED.toNanos();
  }

  /** Queues a client's rows one behind the other, or refuses them all. */
  void submit(Row... rows) {
    List<Row> dead = new ArrayList<>(0);
    lock.lock();
    try {
      refuseIfClosed();
      if (queuedRows + rows.length > settings.maxQueuedRows() || isLate()) {
        removeDead(dead);
      }
      refuseIfFull(rows.length);
      refuseIfLate();
      for (Row row : rows) {
        refuseIfGreedy(row.task().name());
      }
      for (Row row : rows) {
        add(row);
      }
      submittedNanos = nanoClock.getAsLong();
    } finally {
      lock.unlock();
      drop(dead);
    }
  }

  /** Refuses what {@link #submit} would refuse for its wait, before work is put into it. */
  void requireShortWait() {
    List<Row> dead = new ArrayList<>(0);
    lock.lock();
    try {
      if (isLate()) {
        removeDead(dead);
        refuseIfLate();
      }
    } finally {
      lock.unlock();
      drop(dead);
    }
  }

  /** Queues the server's own rows, which the bound does not hold up, as if clients asked. */
  void submitReserved(List<Row> rows) {
    lock.lock();
    try {
      requireRunning();
      rows.forEach(this::add);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues the server's own rows behind all others.
   *
   * @param groups each to be computed in one batch; the groups of a call one after another
   */
  void submitBackground(List<List<Row>> groups) {
    lock.lock();
    try {
      requireRunning();
      groups.forEach(group -> background.add(group, nanoClock.getAsLong()));
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next batch: one or more live rows. Waits while there are none.
   *
   * @return null when closed and empty
   */
  @Nullable List<Row> take() throws InterruptedException {
    while (true) {
      List<Row> dead = new ArrayList<>(0);
      lock.lockInterruptibly();
      try {
        while (!isBackgroundsTurn() && queuedRows == 0) {
          if (closed && background.isEmpty()) {
            return null;
          }
          if (background.isEmpty()) {
            filled.await();
          } else {
            filled.awaitNanos(gathering.backUntilNanos() - nanoClock.getAsLong());
          }
        }
        inBackground = isBackgroundsTurn();
        if (inBackground) {
          long now = nanoClock.getAsLong();
          return background.take(now, now - submittedNanos);
        }
        gather();
        long nowNanos = nanoClock.getAsLong();
        List<Row> batch = fill(chooseBucket(nowNanos), nowNanos, dead);
        if (!batch.isEmpty()) {
          return batch;
        }
      } finally {
        lock.unlock();
        drop(dead);
      }
    }
  }

  /** Tells how long a batch took, so that refusals can say when to come back. */
  void finished(int rows, long nanos) {
    lock.lock();
    try {
      if (inBackground) {
        // Neither what clients wait for nor what they come back after.
        return;
      }
      long perRow = nanos / Math.max(1, rows);
      nanosPerRow = nanosPerRow == 0 ? perRow : (7 * nanosPerRow + perRow) / 8;
      gathering.finished(rows, queuedRows, nanos, nanoClock.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  int queuedRows() {
    lock.lock();
    try {
      return queuedRows;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses every row from now on; {@link #take()} serves what is queued, then ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      filled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the next batch is of background rows; with none of clients, once they had a chance. */
  private boolean isBackgroundsTurn() {
    if (background.isEmpty()) {
      return false;
    }
    long nowNanos = nanoClock.getAsLong();
    return background.isDue(nowNanos)
        || (queuedRows == 0 && (closed || nowNanos - gathering.backUntilNanos() >= 0));
  }

  /** Waits while rows are missing that were there before and are likely to be back in a moment. */
  private void gather() throws InterruptedException {
    long leftNanos = gathering.untilNanos() - nanoClock.getAsLong();
    if (leftNanos <= 0 || !isWorthWaiting()) {
      return;
    }
    while (leftNanos > 0 && isWorthWaiting()) {
      leftNanos = filled.awaitNanos(leftNanos);
    }
    gathering.waited(!isWorthWaiting());
  }

  private boolean isWorthWaiting() {
    return gathering.isMissing(queuedRows)
        && queuedRows < settings.maxBatchRows()
        && queuedTokens < settings.maxBatchTokens()
        && !closed;
  }

  private void requireRunning() {
    if (closed) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, "server: closed (expected: running)");
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)");
    }
  }

  private void refuseIfFull(int more) {
    int capacity = settings.maxQueuedRows();
    if (queuedRows + more > capacity) {
      throw new OverloadedException(
          Reason.QUEUE_FULL,
          "queue: " + queuedRows + " rows (expected: at most " + (capacity - more) + ")",
          retryAfter());
    }
  }

  /** By the time of the rows worked off last: what waits is worked off in about that. */
  private boolean isLate() {
    return queuedRows >= ALWAYS_QUEUED_ROWS
        && nanosPerRow * queuedRows > settings.maxQueueWait().toNanos();
  }

  private void refuseIfLate() {
    if (isLate()) {
      throw new OverloadedException(
          Reason.QUEUE_WAIT,
          "queue: "
              + Duration.ofNanos(nanosPerRow * queuedRows).toMillis()
              + " ms of work in "
              + queuedRows
              + " rows (expected: at most "
              + settings.maxQueueWait().toMillis()
              + " ms)",
          retryAfter());
    }
  }

  /** A task may hold no more than its share once half of the queue is taken. */
  private void refuseIfGreedy(String task) {
    int capacity = settings.maxQueuedRows();
    TaskQueue own = tasks.get(task);
    if (own == null || tasks.size() == 1 || 2 * queuedRows < capacity) {
      return;
    }
    int share = Math.max(1, capacity / (tasks.size() + 1));
    if (own.rows >= share) {
      throw new OverloadedException(
          Reason.TASK_SHARE,
          "queue of task \""
              + task
              + "\": "
              + own.rows
              + " rows (expected: fewer than "
              + share
              + " while other tasks wait)",
          retryAfter());
    }
  }

  private Duration retryAfter() {
    Duration guess = Duration.ofNanos(nanosPerRow * queuedRows);
    if (guess.compareTo(LEAST_RETRY) < 0) {
      return LEAST_RETRY;
    }
    return guess.compareTo(MOST_RETRY) > 0 ? MOST_RETRY : guess;
  }

  private void add(Row row) {
    int bucket = LengthBuckets.of(row.tokens().length());
    tasks.computeIfAbsent(row.task().name(), name -> new TaskQueue()).add(bucket, row);
    rowsOfBucket[bucket]++;
    queuedRows++;
    queuedTokens += row.tokens().length();
    filled.signal();
  }

  private int chooseBucket(long nowNanos) {
    Row oldest = tasks.values().iterator().next().oldest(nowNanos);
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

  /** Takes one row of each task in turn until the batch or the bucket is exhausted. */
  private List<Row> fill(int bucket, long nowNanos, List<Row> dead) {
    List<Row> batch = new ArrayList<>();
    List<String> turns = new ArrayList<>(tasks.keySet());
    turns.removeIf(name -> queueOf(name).isEmpty(bucket));
    int longest = 0;
    while (!turns.isEmpty()) {
      List<String> next = new ArrayList<>(turns.size());
      for (String name : turns) {
        TaskQueue queue = queueOf(name);
        Row row = queue.peek(bucket);
        boolean useless = row.isDead(nowNanos);
        int length = Math.max(longest, row.tokens().length());
        if (!useless && !fits(batch.size(), length)) {
          return batch;
        }
        queue.remove(bucket);
        rowsOfBucket[bucket]--;
        queuedRows--;
        queuedTokens -= row.tokens().length();
        if (useless) {
          dead.add(row);
        } else {
          batch.add(row);
          longest = length;
        }
        tasks.remove(name);
        if (queue.rows > 0) {
          tasks.put(name, queue);
        }
        if (queue.rows > 0 && !queue.isEmpty(bucket)) {
          next.add(name);
        }
      }
      turns = next;
    }
    return batch;
  }

  private boolean fits(int rows, int longest) {
    return rows == 0
        || (rows < settings.maxBatchRows()
            && (long) (rows + 1) * longest <= settings.maxBatchTokens());
  }

  private void removeDead(List<Row> dead) {
    long nowNanos = nanoClock.getAsLong();
    for (TaskQueue queue : tasks.values()) {
      for (Row row : queue.removeDead(nowNanos)) {
        rowsOfBucket[LengthBuckets.of(row.tokens().length())]--;
        queuedRows--;
        queuedTokens -= row.tokens().length();
        dead.add(row);
      }
    }
    tasks.values().removeIf(queue -> queue.rows == 0);
  }

  private TaskQueue queueOf(String name) {
    return requireNonNull(tasks.get(name), name);
  }

  /** Outside the lock: completing a row runs code of others. */
  private void drop(List<Row> dead) {
    long nowNanos = nanoClock.getAsLong();
    dead.forEach(row -> row.drop(nowNanos));
  }
}
