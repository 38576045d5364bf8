package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
    batcher.finished(10, 500, Duration.ofSeconds(1).toNanos());
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
  void submit_fullOfOneTask_othersTakeTheirShareOfItAndNoMore() {
    Batcher batcher = batcher(100, 8, 12);
    List<Row> flood = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      flood.add(row("flood", 5));
      batcher.submit(flood.get(i));
    }
    refused(batcher, "flood", "queue: 12 rows (expected: at most 11)");
    for (int i = 0; i < 6; i++) {
      batcher.submit(row("other", 5));
      assertThat(flood.get(11 - i).result()).isCompletedExceptionally();
      assertThat(flood.get(10 - i).result()).isNotDone();
    }
    assertThatThrownBy(() -> flood.get(11).result().join())
        .hasMessageContaining("queue of task \"flood\": more than its share of 12 rows");
    refused(batcher, "flood", "queue of task \"flood\": 6 of 12 rows (expected: fewer while");
    refused(batcher, "other", "queue of task \"other\": 6 of 12 rows (expected: fewer while");
    batcher.submit(row("third", 5));
    assertThat(batcher.queuedRows()).isEqualTo(12);
  }

  @Test
  void submit_floodThatWouldWaitTooLong_othersAreTakenInAndServedInTheNextBatch() throws Exception {
    Batcher batcher = batcher(10_000, 8, 1_000);
    batcher.finished(1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      batcher.submit(row("flood", 5));
    }
    refused(batcher, "flood", "260 ms of work before it (expected: at most 250 ms)");
    batcher.requireShortWait(List.of(holder("polite")));
    Row polite = row("polite", 5);
    batcher.submit(polite);
    assertThat(batcher.take()).hasSize(8).contains(polite);
  }

  @Test
  void take_tasksWithRowsOfUnlikeLength_areServedAsManyTokensEach() throws Exception {
    Batcher batcher = batcher(120, 64, 10_000);
    for (int i = 0; i < 300; i++) {
      batcher.submit(row("long", 30), row("short", 10), row("middle", 20));
    }
    nowNanos += Duration.ofMillis(6).toNanos();
    Map<String, Integer> served = new HashMap<>(Map.of("long", 0, "short", 0, "middle", 0));
    for (int batch = 0; batch < 30; batch++) {
      requireNonNull(batcher.take())
          .forEach(row -> served.merge(row.task().name(), row.tokens().length(), Integer::sum));
      assertThat(Collections.max(served.values()) - Collections.min(served.values()))
          .isLessThanOrEqualTo(120);
    }
    assertThat(served.values()).allMatch(tokens -> tokens >= 1_000);
  }

  @Test
  void take_taskThatComesLate_isOwedNothingForTheTimeBefore() throws Exception {
    Batcher batcher = batcher(10_000, 4, 1_000);
    for (int i = 0; i < 40; i++) {
      batcher.submit(row("early", 10));
    }
    for (int i = 0; i < 5; i++) {
      batcher.take();
    }
    for (int i = 0; i < 20; i++) {
      batcher.submit(row("late", 10));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(batcher.take()).filteredOn(row -> row.task().name().equals("late")).hasSize(2);
    }
  }

  private void refused(Batcher batcher, String task, String message) {
    Row row = row(task, 5);
    assertThatThrownBy(() -> batcher.submit(row))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining(message);
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
    batcher.finished(3, 15, Duration.ofDays(1).toNanos());
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
    batcher.finished(3, 15, Duration.ofDays(1).toNanos());
    batcher.submit(row("a", 5));
    assertThat(batcher.take()).hasSize(1);
  }

  @Test
  void take_nothingWorthWaitingFor_goesAtOnce() throws Exception {
    Batcher full = batcher(10, 8, 100, Duration.ofHours(1));
    full.finished(3, 15, Duration.ofDays(1).toNanos());
    full.submit(row("a", 5), row("a", 5));
    assertThat(full.take()).hasSize(2);

    Batcher alone = batcher(1_000, 8, 100, Duration.ofHours(1));
    alone.finished(1, 5, Duration.ofDays(1).toNanos());
    alone.submit(row("a", 5));
    assertThat(alone.take()).hasSize(1);

    Batcher idle = batcher(1_000, 8, 100, Duration.ofHours(1));
    idle.finished(3, 15, Duration.ofDays(1).toNanos());
    nowNanos += Duration.ofHours(1).toNanos();
    idle.submit(row("a", 5));
    assertThat(idle.take()).hasSize(1);

    Batcher quick = batcher(1_000, 8, 100, Duration.ofHours(1));
    quick.finished(3, 15, 0);
    quick.submit(row("a", 5));
    assertThat(quick.take()).hasSize(1);
  }

  @Test
  void submit_moreWorkThanMayWait_isRefusedUntilItIsWorkedOff() throws Exception {
    Batcher batcher = batcher(10_000, 8, 1_000);
    batcher.finished(1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      batcher.submit(row("a", 5));
    }
    assertThatThrownBy(() -> batcher.submit(row("a", 5)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e ->
                assertThat(e)
                    .hasMessageContaining("queue of task \"a\": 260 ms of work before it"));
    assertThatThrownBy(() -> batcher.requireShortWait(List.of(holder("a"))))
        .isInstanceOf(OverloadedException.class);
    batcher.take();
    batcher.requireShortWait(List.of(holder("a")));
    batcher.submit(row("a", 5));
    assertThat(batcher.queuedRows()).isEqualTo(19);
  }

  @Test
  void submit_lateByDeadRowsOnly_isAccepted() {
    Batcher batcher = batcher(10_000, 8, 1_000);
    batcher.finished(1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      Row row = row("a", 5);
      batcher.submit(row);
      row.cancel();
    }
    batcher.requireShortWait(List.of(holder("a")));
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

  private static Holder holder(String task) {
    return new Holder(task, "");
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
                new TaskWeights(runtime.memory())));
  }
}
