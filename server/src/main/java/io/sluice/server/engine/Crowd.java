package io.sluice.server.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The batches that are computed now, and whether they are, or were a moment ago, too many to have
 * several threads each. Not thread-safe.
 */
final class Crowd {
  /** So long after a crowd its clients are likely to be back. */
  private static final Duration CALM = Duration.ofMillis(100);

  private final Cores cores;
  private final List<Batch> begun = new ArrayList<>();

  /** When there were last more batches at once than can be wide. */
  private long crowdedNanos;

  Crowd(Cores cores, long nowNanos) {
    this.cores = cores;
    this.crowdedNanos = nowNanos - CALM.toNanos();
  }

  /**
   * A batch of those rows begins.
   *
   * @param soon how many more are about to
   */
  Batch begin(List<Row> rows, int soon, long nowNanos) {
    Batch batch = Batch.of(rows, !isCrowdedWith(rows.get(0).tokens(), soon, nowNanos));
    begun.add(batch);
    return batch;
  }

  /** A share that was handed over begins. */
  void begin(Batch share) {
    begun.add(share);
  }

  /** Whether {@code batch} and so many shares of it can have several threads each. */
  boolean hasRoomFor(int shares, @Nullable Batch batch) {
    return batch != null && batch.wide() && computed() + shares <= cores.sharesAtOnce();
  }

  private boolean isCrowdedWith(Tokens text, int soon, long nowNanos) {
    // One text for many tasks is no crowd that will be back.
    long ofOtherTexts = batches().filter(batch -> !batch.isOf(text)).count();
    if (1 + ofOtherTexts > cores.wideAtOnce()) {
      crowdedNanos = nowNanos;
    }
    return 1 + computed() + soon > cores.wideAtOnce() || nowNanos - crowdedNanos < CALM.toNanos();
  }

  void end(Batch batch) {
    begun.remove(batch);
  }

  /** How many have begun and are not yet answered; shares are part of one. */
  int underWay() {
    return (int) batches().count();
  }

  private Stream<Batch> batches() {
    return begun.stream().filter(batch -> batch.isUnderWay() && !batch.isShare());
  }

  /** How many are computed, shares among them. */
  private int computed() {
    return (int) begun.stream().filter(Batch::isUnderWay).count();
  }
}
