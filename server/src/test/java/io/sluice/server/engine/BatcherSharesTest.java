package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Shares of a batch that wait for those who have nothing to do. */
@Timeout(20)
class BatcherSharesTest {
  @RegisterExtension final TestingQueue queue = new TestingQueue();

  private final Batcher batcher = queue.batcher(1_000, 64, 100);
  private final Taker one = batcher.taker();
  private final Taker other = batcher.taker();

  @Test
  void free_countsThoseWhoWillFindNothing() throws Exception {
    assertThat(one.free()).isZero();
    takeText(2);
    CompletableFuture<Batch> taken = takeElsewhere(other);
    awaitFree(1);
    one.give(List.of(share(queue.rowOf("a", 1))));
    assertThat(one.free()).isZero();
    assertThat(taken.get(10, TimeUnit.SECONDS).isShare()).isTrue();
  }

  @Test
  void take_shareAndRowsWait_givesTheShareFirstAsItIs() throws Exception {
    takeText(2);
    batcher.submit(queue.row("b", 5));
    Begun share = share(queue.rowOf("a", 1));
    one.give(List.of(share));

    Batch first = requireNonNull(other.take());
    assertThat(first.begun()).isSameAs(share);
    assertThat(first.rows()).containsExactlyElementsOf(share.rows());
    assertThat(requireNonNull(other.take()).isShare()).isFalse();
  }

  @Test
  void close_withSharesWaiting_servesThemThenEnds() throws Exception {
    takeText(3);
    one.give(List.of(share(queue.rowOf("a", 1)), share(queue.rowOf("b", 1))));
    batcher.close();
    assertThat(requireNonNull(other.take()).isShare()).isTrue();
    assertThat(requireNonNull(one.take()).isShare()).isTrue();
    assertThat(other.take()).isNull();
    assertThat(one.take()).isNull();
  }

  @Test
  void close_whileOthersWait_theyServeWhatIsHandedOverBefore() throws Exception {
    takeText(2);
    CompletableFuture<Batch> taken = takeElsewhere(other);
    awaitFree(1);
    one.give(List.of(share(queue.rowOf("a", 1))));
    batcher.close();
    assertThat(taken.get(10, TimeUnit.SECONDS).isShare()).isTrue();
    assertThat(other.take()).isNull();
  }

  @Test
  void give_roomForOneWideBatch_isNotWide() throws Exception {
    assertThat(takeText(2).wide()).isTrue();
    assertThat(one.give(List.of(share(queue.rowOf("a", 1))))).isFalse();
    assertThat(requireNonNull(other.take()).wide()).isFalse();
  }

  @Test
  void give_roomForAll_isWide() throws Exception {
    Batcher many = new Batcher(settings(), new Cores(6, 2), queue::nowNanos);
    Taker taker = many.taker();
    many.submit(queue.rowOf("a", 1), queue.rowOf("b", 1), queue.rowOf("c", 1));
    assertThat(requireNonNull(taker.take()).wide()).isTrue();
    assertThat(taker.give(List.of(share(queue.rowOf("a", 1)), share(queue.rowOf("b", 1)))))
        .isTrue();
    assertThat(taker.give(List.of(share(queue.rowOf("c", 1))))).as("with two more").isTrue();
    assertThat(requireNonNull(many.taker().take()).wide()).isTrue();
    requireNonNull(many.taker().take());
    assertThat(taker.give(List.of(share(queue.rowOf("c", 1))))).as("of four").isFalse();
  }

  @Test
  void take_sharesOfAnotherTextUnderWay_isNotWideButIsNoCrowd() throws Exception {
    Batch batch = takeText(2);
    Begun share = share(queue.rowOf("a", 1));
    one.give(List.of(share));
    Batch handed = requireNonNull(other.take());
    batch.rows().forEach(row -> row.complete(RowResult.kept(new float[1])));
    one.finished(2, 10, 1);
    batcher.submit(queue.rowOf("c", 2));
    assertThat(requireNonNull(one.take()).wide()).as("beside the share").isFalse();

    handed.rows().forEach(row -> row.complete(RowResult.kept(new float[1])));
    other.finished(1, 5, 1);
    one.finished(1, 5, 1);
    batcher.submit(queue.rowOf("c", 3));
    assertThat(requireNonNull(one.take()).wide()).as("a moment later").isTrue();
  }

  @Test
  void isElsewhere_rowsHandedOver_untilTheNextBatch() throws Exception {
    Batch batch = takeText(2);
    Row handed = batch.rows().get(1);
    one.give(List.of(share(handed)));
    assertThat(one.isElsewhere(handed)).isTrue();
    assertThat(one.isElsewhere(batch.rows().get(0))).isFalse();
    one.take();
    assertThat(one.isElsewhere(handed)).isFalse();
  }

  private BatchingSettings settings() {
    return new BatchingSettings(
        1_000, 64, 100, Duration.ofMillis(5), Duration.ZERO, Duration.ofMillis(250));
  }

  /** The first batch, of one text for so many tasks. */
  private Batch takeText(int tasks) throws InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      rows.add(queue.rowOf("task" + i, 1));
    }
    batcher.submit(rows.toArray(new Row[0]));
    Batch batch = requireNonNull(one.take());
    assertThat(batch.rows()).hasSize(tasks);
    return batch;
  }

  private static Begun share(Row row) {
    Lane lane = Lane.of(List.of(row)).get(0);
    return new Begun(List.of(lane), 2, Map.of(lane, new float[1]), 0, 2);
  }

  private void awaitFree(int threads) {
    while (one.free() < threads) {
      Thread.onSpinWait();
    }
  }

  private static CompletableFuture<@Nullable Batch> takeElsewhere(Taker taker) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return taker.take();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
