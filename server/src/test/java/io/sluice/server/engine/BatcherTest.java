package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which rows a batch takes, and when. */
@Timeout(20)
class BatcherTest {
  private final SluiceException madeUp =
      new SluiceException(ErrorCode.INTERNAL, "made up for the test");

  @RegisterExtension final TestingQueue queue = new TestingQueue();

  @Test
  void take_idle_givesTheOneRowAtOnce() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 100);
    Row row = queue.row("a", 5);
    batcher.submit(row);
    assertThat(queue.take(batcher)).containsExactly(row);
    assertThat(batcher.queuedRows()).isZero();
  }

  @Test
  void take_emptyThenSubmitted_wakesUp() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 100);
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    Row row = queue.row("a", 5);
    batcher.submit(row);
    assertThat(taken.get(10, TimeUnit.SECONDS)).containsExactly(row);
  }

  @Test
  void take_tokenBudget_isKeptWithPadding() throws Exception {
    Batcher batcher = queue.batcher(30, 8, 100);
    for (int i = 0; i < 5; i++) {
      batcher.submit(queue.row("a", i == 1 ? 10 : 5));
    }
    assertThat(queue.take(batcher)).hasSize(3);
    assertThat(queue.take(batcher)).hasSize(2);
  }

  @Test
  void take_rowLongerThanTheBudget_goesAlone() throws Exception {
    Batcher batcher = queue.batcher(30, 8, 100);
    batcher.submit(queue.row("a", 60));
    batcher.submit(queue.row("a", 60));
    assertThat(queue.take(batcher)).hasSize(1);
    assertThat(queue.take(batcher)).hasSize(1);
  }

  @Test
  void take_differentLengths_areNotMixed() throws Exception {
    Batcher batcher = queue.batcher(10_000, 64, 100);
    for (int i = 0; i < 3; i++) {
      batcher.submit(queue.row("a", 10));
      batcher.submit(queue.row("a", 200));
    }
    batcher.submit(queue.row("a", 200));
    assertThat(queue.take(batcher)).hasSize(4).allMatch(row -> row.tokens().length() == 200);
    assertThat(queue.take(batcher)).hasSize(3).allMatch(row -> row.tokens().length() == 10);
  }

  @Test
  void take_rowPassedOverForLong_goesBeforeTheFullerBucket() throws Exception {
    Batcher batcher = queue.batcher(10_000, 2, 100);
    Row lonely = queue.row("a", 10);
    batcher.submit(lonely);
    for (int i = 0; i < 6; i++) {
      batcher.submit(queue.row("a", 200));
    }
    assertThat(queue.take(batcher)).allMatch(row -> row.tokens().length() == 200);
    queue.advance(Duration.ofMillis(6));
    assertThat(queue.take(batcher)).containsExactly(lonely);
  }

  @Test
  void take_floodOfOneTask_othersHaveTheirTurn() throws Exception {
    Batcher batcher = queue.batcher(10_000, 4, 1_000);
    for (int i = 0; i < 100; i++) {
      batcher.submit(queue.row("flood", 10));
    }
    Row other = queue.row("other", 10);
    Row third = queue.row("third", 10);
    batcher.submit(other);
    batcher.submit(third);
    assertThat(queue.take(batcher)).hasSize(4).contains(other, third);
  }

  @Test
  void take_tasksWithRowsOfUnlikeLength_areServedAsManyTokensEach() throws Exception {
    Batcher batcher = queue.batcher(120, 64, 10_000);
    for (int i = 0; i < 300; i++) {
      batcher.submit(queue.row("long", 30), queue.row("short", 10), queue.row("middle", 20));
    }
    queue.advance(Duration.ofMillis(6));
    Map<String, Integer> served = new HashMap<>(Map.of("long", 0, "short", 0, "middle", 0));
    for (int batch = 0; batch < 30; batch++) {
      requireNonNull(queue.take(batcher))
          .forEach(row -> served.merge(row.task().name(), row.tokens().length(), Integer::sum));
      assertThat(Collections.max(served.values()) - Collections.min(served.values()))
          .isLessThanOrEqualTo(120);
    }
    assertThat(served.values()).allMatch(tokens -> tokens >= 1_000);
  }

  @Test
  void take_taskThatComesLate_isOwedNothingForTheTimeBefore() throws Exception {
    Batcher batcher = queue.batcher(10_000, 4, 1_000);
    for (int i = 0; i < 40; i++) {
      batcher.submit(queue.row("early", 10));
    }
    for (int i = 0; i < 5; i++) {
      queue.take(batcher);
    }
    for (int i = 0; i < 20; i++) {
      batcher.submit(queue.row("late", 10));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(queue.take(batcher))
          .filteredOn(row -> row.task().name().equals("late"))
          .hasSize(2);
    }
  }

  @Test
  void take_onlyDeadRows_dropsThemWithoutWaitingForLiveOnes() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 100);
    Row cancelled = queue.row("a", 5);
    cancelled.cancel();
    batcher.submit(cancelled);
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    assertThatThrownBy(() -> cancelled.result().get(10, TimeUnit.SECONDS))
        .hasMessageContaining("cancelled");
    Row live = queue.row("a", 5);
    batcher.submit(live);
    assertThat(taken.get(10, TimeUnit.SECONDS)).containsExactly(live);
  }

  @Test
  void take_deadRows_areDroppedNotGiven() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 10);
    Row cancelled = queue.row("a", 5);
    Row expired =
        new Row(queue.task("a"), TestingQueue.tokens(5), queue.nowNanos(), queue.nowNanos() + 5);
    Row live = queue.row("a", 5);
    batcher.submit(cancelled);
    batcher.submit(expired);
    batcher.submit(live);
    cancelled.cancel();
    queue.advance(Duration.ofNanos(10));
    assertThat(queue.take(batcher)).containsExactly(live);
    assertThatThrownBy(() -> expired.result().join())
        .hasCauseInstanceOf(SluiceException.class)
        .hasMessageContaining("deadline passed");
    assertThatThrownBy(() -> cancelled.result().join()).hasMessageContaining("cancelled");
  }

  @Test
  void close_withRowsQueued_servesThemThenEnds() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 10);
    batcher.submit(queue.row("a", 5));
    batcher.close();
    assertThatThrownBy(() -> batcher.submit(queue.row("a", 5)))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(queue.take(batcher)).hasSize(1);
    assertThat(queue.take(batcher)).isNull();
  }

  @Test
  void take_behindABatch_waitsForThoseWhoWereThereBefore() throws Exception {
    Batcher batcher = queue.batcher(1_000, 8, 100, Duration.ofHours(1));
    queue.finished(batcher, 3, 15, Duration.ofDays(1).toNanos());
    batcher.submit(queue.row("a", 5));
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    batcher.submit(queue.row("a", 5));
    assertThat(taken.isDone()).isFalse();
    batcher.submit(queue.row("b", 5));
    assertThat(taken.get(10, TimeUnit.SECONDS)).hasSize(3);
  }

  @Test
  void take_behindABatchAndNobodyComes_goesAfterItsWait() throws Exception {
    Batcher batcher = queue.batcher(1_000, 8, 100, Duration.ofMillis(2));
    queue.finished(batcher, 3, 15, Duration.ofDays(1).toNanos());
    batcher.submit(queue.row("a", 5));
    assertThat(queue.take(batcher)).hasSize(1);
  }

  @Test
  void take_nothingWorthWaitingFor_goesAtOnce() throws Exception {
    Batcher full = queue.batcher(10, 8, 100, Duration.ofHours(1));
    queue.finished(full, 3, 15, Duration.ofDays(1).toNanos());
    full.submit(queue.row("a", 5), queue.row("a", 5));
    assertThat(queue.take(full)).hasSize(2);

    Batcher alone = queue.batcher(1_000, 8, 100, Duration.ofHours(1));
    queue.finished(alone, 1, 5, Duration.ofDays(1).toNanos());
    alone.submit(queue.row("a", 5));
    assertThat(queue.take(alone)).hasSize(1);

    Batcher idle = queue.batcher(1_000, 8, 100, Duration.ofHours(1));
    queue.finished(idle, 3, 15, Duration.ofDays(1).toNanos());
    queue.advance(Duration.ofHours(1));
    idle.submit(queue.row("a", 5));
    assertThat(queue.take(idle)).hasSize(1);

    Batcher quick = queue.batcher(1_000, 8, 100, Duration.ofHours(1));
    queue.finished(quick, 3, 15, 0);
    quick.submit(queue.row("a", 5));
    assertThat(queue.take(quick)).hasSize(1);
  }

  @Test
  void take_othersComputeOrDidAMomentAgo_isNotWide() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 100);
    Taker one = batcher.taker();
    Taker other = batcher.taker();

    Row first = queue.rowOf("a", 1);
    batcher.submit(first);
    assertThat(requireNonNull(one.take()).wide()).as("alone").isTrue();

    Row second = queue.rowOf("a", 2);
    batcher.submit(second);
    assertThat(requireNonNull(other.take()).wide()).as("beside the first").isFalse();

    first.fail(madeUp);
    second.fail(madeUp);
    Row third = queue.row("a", 5);
    batcher.submit(third);
    assertThat(requireNonNull(one.take()).wide()).as("a moment later").isFalse();

    third.fail(madeUp);
    queue.advance(Duration.ofMillis(100));
    batcher.submit(queue.row("a", 5));
    assertThat(requireNonNull(other.take()).wide()).as("all answered, and quiet for long").isTrue();
  }

  @Test
  void take_besideAnotherOfTheSameText_isNotWideButIsAloneBehindIt() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 100);
    Taker one = batcher.taker();
    Taker other = batcher.taker();

    Row first = queue.rowOf("a", 1);
    batcher.submit(first);
    assertThat(requireNonNull(one.take()).wide()).isTrue();
    Row second = queue.rowOf("b", 1);
    batcher.submit(second);
    assertThat(requireNonNull(other.take()).wide()).as("beside the first").isFalse();

    first.fail(madeUp);
    second.fail(madeUp);
    batcher.submit(queue.rowOf("a", 2));
    assertThat(requireNonNull(one.take()).wide()).as("a moment later").isTrue();
  }

  private CompletableFuture<List<Row>> takeElsewhere(Batcher batcher) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return queue.take(batcher);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
