package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BatcherTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final StructureCache structures = new StructureCache(runtime, 1 << 20);
  private final Map<String, LoadedTask> tasks = new HashMap<>();
  private long nowNanos = 1_000;

  @AfterEach
  void free() {
    tasks.values().forEach(LoadedTask::release);
    structures.close();
  }

  @Test
  void take_idle_givesTheOneRowAtOnce() throws Exception {
    Batcher batcher = batcher(100, 8, 100);
    Row row = row("a", 5);
    batcher.submit(row);
    assertThat(batcher.take()).containsExactly(row);
    assertThat(batcher.queuedRows()).isZero();
  }

  @Test
  void take_emptyThenSubmitted_wakesUp() throws Exception {
    Batcher batcher = batcher(100, 8, 100);
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    Row row = row("a", 5);
    batcher.submit(row);
    assertThat(taken.get(10, TimeUnit.SECONDS)).containsExactly(row);
  }

  @Test
  void take_tokenBudget_isKeptWithPadding() throws Exception {
    Batcher batcher = batcher(30, 8, 100);
    for (int i = 0; i < 5; i++) {
      batcher.submit(row("a", i == 1 ? 10 : 5));
    }
    assertThat(batcher.take()).hasSize(3);
    assertThat(batcher.take()).hasSize(2);
  }

  @Test
  void take_rowLongerThanTheBudget_goesAlone() throws Exception {
    Batcher batcher = batcher(30, 8, 100);
    batcher.submit(row("a", 60));
    batcher.submit(row("a", 60));
    assertThat(batcher.take()).hasSize(1);
    assertThat(batcher.take()).hasSize(1);
  }

  @Test
  void take_differentLengths_areNotMixed() throws Exception {
    Batcher batcher = batcher(10_000, 64, 100);
    for (int i = 0; i < 3; i++) {
      batcher.submit(row("a", 10));
      batcher.submit(row("a", 200));
    }
    batcher.submit(row("a", 200));
    assertThat(batcher.take()).hasSize(4).allMatch(row -> row.tokens().length() == 200);
    assertThat(batcher.take()).hasSize(3).allMatch(row -> row.tokens().length() == 10);
  }

  @Test
  void take_rowPassedOverForLong_goesBeforeTheFullerBucket() throws Exception {
    Batcher batcher = batcher(10_000, 2, 100);
    Row lonely = row("a", 10);
    batcher.submit(lonely);
    for (int i = 0; i < 6; i++) {
      batcher.submit(row("a", 200));
    }
    assertThat(batcher.take()).allMatch(row -> row.tokens().length() == 200);
    nowNanos += Duration.ofMillis(6).toNanos();
    assertThat(batcher.take()).containsExactly(lonely);
  }

  @Test
  void take_floodOfOneTask_othersHaveTheirTurn() throws Exception {
    Batcher batcher = batcher(10_000, 4, 1_000);
    for (int i = 0; i < 100; i++) {
      batcher.submit(row("flood", 10));
    }
    Row other = row("other", 10);
    Row third = row("third", 10);
    batcher.submit(other);
    batcher.submit(third);
    assertThat(batcher.take()).hasSize(4).contains(other, third);
  }

  @Test
  void submit_full_isRefusedWithADelay() {
    Batcher batcher = batcher(100, 8, 2);
    batcher.finished(10, Duration.ofMillis(100).toNanos());
    batcher.submit(row("a", 5));
    batcher.submit(row("a", 5));
    assertThatThrownBy(() -> batcher.submit(row("a", 5)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
              assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(20));
            })
        .hasMessage("queue: 2 rows (expected: at most 1)");
  }

  @Test
  void submit_fullOfCancelledRows_makesRoom() throws Exception {
    Batcher batcher = batcher(100, 8, 2);
    Row gone = row("a", 5);
    batcher.submit(gone);
    batcher.submit(row("b", 5));
    gone.cancel();
    Row late = row("a", 5);
    batcher.submit(late);
    assertThat(gone.result()).isCompletedExceptionally();
    assertThat(batcher.take()).hasSize(2).contains(late);
  }

  @Test
  void submit_taskOverItsShareWhileOthersWait_isRefused() {
    Batcher batcher = batcher(100, 8, 12);
    for (int i = 0; i < 8; i++) {
      batcher.submit(row("flood", 5));
    }
    batcher.submit(row("other", 5));
    assertThatThrownBy(() -> batcher.submit(row("flood", 5)))
        .hasMessageContaining("queue of task \"flood\": 8 rows (expected: fewer than 4");
    batcher.submit(row("other", 5));
    batcher.submit(row("third", 5));
  }

  @Test
  void take_onlyDeadRows_dropsThemWithoutWaitingForLiveOnes() throws Exception {
    Batcher batcher = batcher(100, 8, 100);
    Row cancelled = row("a", 5);
    cancelled.cancel();
    batcher.submit(cancelled);
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    assertThatThrownBy(() -> cancelled.result().get(10, TimeUnit.SECONDS))
        .hasMessageContaining("cancelled");
    Row live = row("a", 5);
    batcher.submit(live);
    assertThat(taken.get(10, TimeUnit.SECONDS)).containsExactly(live);
  }

  @Test
  void take_deadRows_areDroppedNotGiven() throws Exception {
    Batcher batcher = batcher(100, 8, 10);
    Row cancelled = row("a", 5);
    Row expired = new Row(task("a"), tokens(5), nowNanos, nowNanos + 5);
    Row live = row("a", 5);
    batcher.submit(cancelled);
    batcher.submit(expired);
    batcher.submit(live);
    cancelled.cancel();
    nowNanos += 10;
    assertThat(batcher.take()).containsExactly(live);
    assertThatThrownBy(() -> expired.result().join())
        .hasCauseInstanceOf(SluiceException.class)
        .hasMessageContaining("deadline passed");
    assertThatThrownBy(() -> cancelled.result().join()).hasMessageContaining("cancelled");
  }

  @Test
  void close_withRowsQueued_servesThemThenEnds() throws Exception {
    Batcher batcher = batcher(100, 8, 10);
    batcher.submit(row("a", 5));
    batcher.close();
    assertThatThrownBy(() -> batcher.submit(row("a", 5)))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(batcher.take()).hasSize(1);
    assertThat(batcher.take()).isNull();
  }

  @Test
  void take_behindABatch_waitsForThoseWhoWereThereBefore() throws Exception {
    Batcher batcher = batcher(1_000, 8, 100, Duration.ofHours(1));
    batcher.finished(3, Duration.ofDays(1).toNanos());
    batcher.submit(row("a", 5));
    CompletableFuture<List<Row>> taken = takeElsewhere(batcher);
    batcher.submit(row("a", 5));
    assertThat(taken.isDone()).isFalse();
    batcher.submit(row("b", 5));
    assertThat(taken.get(10, TimeUnit.SECONDS)).hasSize(3);
  }

  @Test
  void take_behindABatchAndNobodyComes_goesAfterItsWait() throws Exception {
    Batcher batcher = batcher(1_000, 8, 100, Duration.ofMillis(2));
    batcher.finished(3, Duration.ofDays(1).toNanos());
    batcher.submit(row("a", 5));
    assertThat(batcher.take()).hasSize(1);
  }

  @Test
  void take_nothingWorthWaitingFor_goesAtOnce() throws Exception {
    Batcher full = batcher(10, 8, 100, Duration.ofHours(1));
    full.finished(3, Duration.ofDays(1).toNanos());
    full.submit(row("a", 5), row("a", 5));
    assertThat(full.take()).hasSize(2);

    Batcher alone = batcher(1_000, 8, 100, Duration.ofHours(1));
    alone.finished(1, Duration.ofDays(1).toNanos());
    alone.submit(row("a", 5));
    assertThat(alone.take()).hasSize(1);

    Batcher idle = batcher(1_000, 8, 100, Duration.ofHours(1));
    idle.finished(3, Duration.ofDays(1).toNanos());
    nowNanos += Duration.ofHours(1).toNanos();
    idle.submit(row("a", 5));
    assertThat(idle.take()).hasSize(1);

    Batcher quick = batcher(1_000, 8, 100, Duration.ofHours(1));
    quick.finished(3, 0);
    quick.submit(row("a", 5));
    assertThat(quick.take()).hasSize(1);
  }

  @Test
  void submit_moreWorkThanMayWait_isRefusedUntilItIsWorkedOff() throws Exception {
    Batcher batcher = batcher(10_000, 8, 1_000);
    batcher.finished(1, Duration.ofMillis(10).toNanos());
    for (int i = 0; i < 26; i++) {
      batcher.submit(row("a", 5));
    }
    assertThatThrownBy(() -> batcher.submit(row("a", 5)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> assertThat(e).hasMessageContaining("260 ms of work in 26 rows"));
    assertThatThrownBy(batcher::requireShortWait).isInstanceOf(OverloadedException.class);
    batcher.take();
    batcher.requireShortWait();
    batcher.submit(row("a", 5));
    assertThat(batcher.queuedRows()).isEqualTo(19);
  }

  @Test
  void submit_lateByDeadRowsOnly_isAccepted() {
    Batcher batcher = batcher(10_000, 8, 1_000);
    batcher.finished(1, Duration.ofMillis(10).toNanos());
    for (int i = 0; i < 26; i++) {
      Row row = row("a", 5);
      batcher.submit(row);
      row.cancel();
    }
    batcher.requireShortWait();
    batcher.submit(row("a", 5));
    assertThat(batcher.queuedRows()).isEqualTo(1);
  }

  private Batcher batcher(int maxTokens, int maxRows, int maxQueued) {
    return batcher(maxTokens, maxRows, maxQueued, Duration.ZERO);
  }

  private Batcher batcher(int maxTokens, int maxRows, int maxQueued, Duration maxGather) {
    BatchingSettings settings =
        new BatchingSettings(
            maxTokens, maxRows, maxQueued, Duration.ofMillis(5), maxGather, Duration.ofMillis(250));
    return new Batcher(settings, () -> nowNanos);
  }

  private static CompletableFuture<List<Row>> takeElsewhere(Batcher batcher) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return batcher.take();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private Row row(String task, int length) {
    return new Row(task(task), tokens(length), nowNanos, Row.NO_DEADLINE);
  }

  private static Tokens tokens(int length) {
    return new Tokens(new long[length], new long[length]);
  }

  private LoadedTask task(String name) {
    return tasks.computeIfAbsent(
        name,
        fresh ->
            LoadedTask.load(
                fresh,
                new ServedBundles(TestingBackbone.create(), runtime).builder().build(),
                structures,
                runtime));
  }
}
