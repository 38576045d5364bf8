package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.precision.Precision;
import io.sluice.server.testing.TestingExecutor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches whose lanes are shared out where rows part. */
@Timeout(120)
class SharesOutTest extends BlockEngineBed {
  private final TestingExecutor work = new TestingExecutor();
  private final List<BlockEngine> others = new ArrayList<>();

  /** Takes what it is given and keeps it for the test. */
  private static final class Given implements IdleThreads {
    final ArrayDeque<Begun> shares = new ArrayDeque<>();
    int free;

    Given(int free) {
      this.free = free;
    }

    @Override
    public int free() {
      return free;
    }

    @Override
    public boolean give(List<Begun> given) {
      assertThat(given).hasSizeBetween(1, free);
      free -= given.size();
      shares.addAll(given);
      return false;
    }

    List<Row> rows() {
      return shares.stream().flatMap(share -> share.rows().stream()).toList();
    }
  }

  /** From the second use on. */
  @Override
  ExpressSessions express() {
    return new ExpressSessions(
        backbone, Precision.FP32, shared, 2, 64 << 20, 1, false, work, () -> 0);
  }

  @AfterEach
  void closeOthers() {
    others.forEach(BlockEngine::close);
  }

  @Test
  void run_someIdle_handsLanesOutAndBothHalvesAnswer() {
    List<LoadedTask> tasks = tasks(8, 3, 4);
    for (Tokens text : texts(new Random(1), 4)) {
      Given idle = new Given(1);
      List<Row> rows = rows(tasks, text);
      engine.run(Batch.of(rows, true), idle);

      assertThat(idle.rows()).hasSize(4).noneMatch(row -> row.result().isDone());
      assertThat(rows).filteredOn(row -> row.result().isDone()).hasSize(4);
      runAll(idle);
      requireOracle(rows, "shared out");
      for (Row row : rows) {
        // Two blocks by all; the third by those of a half.
        assertThat(result(row).layersShared()).isEqualTo(3);
        assertThat(result(row).layersRun()).isEqualTo(4);
        assertThat(result(row).batchRows()).isEqualTo(8);
      }
    }
  }

  @Test
  void run_asManyIdleAsLanes_eachGoesToItsEndInOneRunOfOneSession() {
    List<LoadedTask> tasks = tasks(4, 3, 4);
    List<Tokens> texts = texts(new Random(2), 3);
    for (Tokens text : texts) {
      Given idle = new Given(7);
      List<Row> rows = rows(tasks, text);
      long before = express.stats().runs();
      engine.run(Batch.of(rows, true), idle);
      runAll(idle);
      requireOracle(rows, "one by one");
      for (Row row : rows) {
        assertThat(result(row).layersShared()).isEqualTo(2);
        assertThat(result(row).marginalNanos()).isPositive();
      }
      if (text.equals(texts.get(2))) {
        // The blocks below by all, then a way to the end for each.
        assertThat(express.stats().runs() - before).isEqualTo(1 + 4);
      }
    }
    assertThat(express.stats().sessions()).isEqualTo(2);
  }

  @Test
  void run_sharedOut_answersTheSameBitsAsRequestsOfTheirOwn() {
    List<LoadedTask> tasks = tasks(5, 2, 3, 4);
    for (Tokens text : texts(new Random(3), 5)) {
      Given idle = new Given(4);
      List<Row> rows = rows(tasks, text);
      engine.run(Batch.of(rows, true), idle);
      runAll(idle);
      for (Row row : rows) {
        Row alone = row(row.task(), text);
        engine.run(List.of(alone), true);
        assertThat(result(row).logits()).containsExactly(result(alone).logits());
      }
    }
  }

  @Test
  void run_nobodyIdle_staysTogether() {
    List<Row> rows = rows(tasks(8, 3, 4), texts(new Random(1), 1).get(0));
    engine.run(Batch.of(rows, true), IdleThreads.NONE);
    requireOracle(rows, "together");
    assertThat(rows).allMatch(row -> result(row).layersShared() == 3);
  }

  @Test
  void run_rowsOfAShareCancelled_areDroppedAndTheOthersAnswered() {
    List<LoadedTask> tasks = tasks(6, 3);
    Given idle = new Given(2);
    List<Row> rows = rows(tasks, texts(new Random(4), 1).get(0));
    engine.run(Batch.of(rows, true), idle);
    List<Row> handed = idle.rows();
    List<Row> cancelled = List.of(handed.get(0), handed.get(2), handed.get(3));
    cancelled.forEach(Row::cancel);
    runAll(idle);

    cancelled.forEach(row -> assertThat(failure(row)).isEqualTo(ErrorCode.CANCELLED));
    requireOracle(rows.stream().filter(row -> !cancelled.contains(row)).toList(), "others");
  }

  @Test
  void run_cancelledBeforeTheRowsPart_areNotHandedOut() {
    Given idle = new Given(3);
    List<Row> rows = rows(tasks(4, 3), texts(new Random(4), 1).get(0));
    List<Row> cancelled = rows.subList(1, 3);
    cancelled.forEach(Row::cancel);
    engine.run(Batch.of(rows, true), idle);

    assertThat(idle.rows()).hasSize(1);
    cancelled.forEach(row -> assertThat(failure(row)).isEqualTo(ErrorCode.CANCELLED));
    runAll(idle);
    requireOracle(List.of(rows.get(0), rows.get(3)), "others");
  }

  @Test
  void run_adapterOfAShareFails_failsItsTaskAlone() {
    List<LoadedTask> tasks = new ArrayList<>(tasks(4, 3));
    LoadedTask broken =
        load("broken", bundles.builder().seed(7).adaptAt(3, "late", 0, readsToken20()).build());
    tasks.add(2, broken);
    for (int free = 1; free <= 4; free++) {
      Given idle = new Given(free);
      List<Row> rows = rows(tasks, texts(new Random(free), 1).get(0));
      engine.run(Batch.of(rows, true), idle);
      runAll(idle);
      assertThat(failure(rows.get(2))).isEqualTo(ErrorCode.INTERNAL);
      requireOracle(rows.stream().filter(row -> row.task() != broken).toList(), "free " + free);
    }
  }

  @Test
  void run_whatIsLeftOfABatchFails_touchesNoHandedRow() {
    LoadedTask broken =
        load("broken", bundles.builder().seed(7).adaptAt(3, "late", 0, readsToken20()).build());
    LoadedTask other = load("other", bundles.bundle(1, 3));
    List<Tokens> texts = texts(new Random(6), 2);
    // Of two texts, so that the task that fails is in both halves.
    List<Row> rows = new ArrayList<>(rows(List.of(broken, other), texts.get(0)));
    rows.addAll(rows(List.of(broken, other), texts.get(1)));
    Given idle = new Given(1);
    engine.run(Batch.of(rows, true), idle);

    assertThat(idle.rows()).hasSize(2).noneMatch(row -> row.result().isDone());
    runAll(idle);
    requireOracle(List.of(rows.get(1), rows.get(3)), "others");
    assertThat(failure(rows.get(0))).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure(rows.get(2))).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void run_stateOfTheWrongSize_isTriedFromTheIds() {
    Given idle = new Given(1);
    List<Row> rows = rows(tasks(2, 3), texts(new Random(7), 1).get(0));
    engine.run(Batch.of(rows, true), idle);
    Begun share = idle.shares.remove();
    Lane lane = share.lanes().get(0);
    Begun spoilt =
        new Begun(
            share.lanes(),
            share.boundary(),
            Map.of(lane, new float[1 << 22]),
            share.startNanos(),
            share.batchRows());
    other().run(Batch.share(spoilt, false), IdleThreads.NONE);
    requireOracle(rows, "from the ids");
  }

  @Test
  void run_shareMeetsMoreIdle_isSharedOutAgain() {
    List<LoadedTask> tasks = tasks(8, 3, 4);
    Given idle = new Given(1);
    List<Row> rows = rows(tasks, texts(new Random(8), 1).get(0));
    engine.run(Batch.of(rows, true), idle);
    Given more = new Given(3);
    other().run(Batch.share(idle.shares.remove(), false), more);
    assertThat(more.rows()).hasSize(3);
    runAll(more);
    requireOracle(rows, "twice");
    assertThat(rows.stream().map(row -> result(row).batchRows())).containsOnly(8);
  }

  @Test
  void run_manyTextsAndTasks_equalTheMergedModels() {
    List<LoadedTask> tasks =
        List.of(
            load("one", bundles.bundle(1, 1, 4)),
            load("two", bundles.bundle(2, 2)),
            load("three", bundles.bundle(3, 3)),
            load("three again", bundles.bundle(4, 3)),
            load("four", bundles.bundle(5, 4)),
            load("none", bundles.bundle(6)));
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<Tokens> texts = texts(random, 1 + random.nextInt(3));
      List<Row> rows =
          IntStream.range(0, 2 + random.nextInt(14))
              .mapToObj(
                  i ->
                      row(
                          tasks.get(random.nextInt(tasks.size())),
                          texts.get(random.nextInt(texts.size()))))
              .toList();
      Given idle = new Given(random.nextInt(5));
      engine.run(Batch.of(rows, true), idle);
      while (!idle.shares.isEmpty()) {
        Begun share = idle.shares.remove();
        idle.free += random.nextInt(2);
        other().run(Batch.share(share, random.nextBoolean()), idle);
      }
      requireOracle(rows, "seed " + seed);
      for (Row row : rows) {
        assertThat(result(row).layersRun()).isEqualTo(4);
        assertThat(result(row).layersShared()).isBetween(0, 4);
      }
    }
  }

  @Test
  void run_severalThreads_answerAllAndEndWhenClosed() throws Exception {
    List<LoadedTask> tasks = tasks(8, 2, 3, 4);
    BatchingSettings settings =
        new BatchingSettings(
            1_000, 64, 10_000, Duration.ofMillis(5), Duration.ZERO, Duration.ofHours(1));
    for (int round = 0; round < 4; round++) {
      Batcher batcher = new Batcher(settings, new Cores(4, 4), System::nanoTime);
      List<EngineThread> threads =
          IntStream.range(0, 4)
              .mapToObj(
                  i ->
                      new EngineThread(
                          batcher.taker(), other(), EngineListener.NONE, System::nanoTime, i))
              .toList();
      threads.forEach(EngineThread::start);
      Random random = new Random(round);
      List<Row> rows = new ArrayList<>();
      Set<Row> cancelled = new HashSet<>();
      for (Tokens text : texts(random, 60)) {
        List<Row> together = rows(tasks, text);
        batcher.submit(together.toArray(new Row[0]));
        rows.addAll(together);
        if (random.nextInt(4) == 0) {
          Row row = together.get(random.nextInt(together.size()));
          row.cancel();
          cancelled.add(row);
        }
        if (random.nextBoolean()) {
          together.get(0).result().handle((made, failure) -> made).join();
        }
      }
      // While the last of them are on their way.
      batcher.close();
      for (EngineThread thread : threads) {
        thread.join(Duration.ofSeconds(30));
      }
      assertThat(rows).allMatch(row -> row.result().isDone());
      // A cancelled one may have been answered before.
      requireOracle(
          rows.stream().filter(row -> !cancelled.contains(row)).toList(), "round " + round);
    }
  }

  private void runAll(Given idle) {
    while (!idle.shares.isEmpty()) {
      other().run(Batch.share(idle.shares.remove(), false), IdleThreads.NONE);
    }
  }

  /** The engine of another thread. */
  private BlockEngine other() {
    BlockEngine other = engine();
    others.add(other);
    return other;
  }

  /** So many, adapted at {@code points}. */
  private List<LoadedTask> tasks(int count, int... points) {
    return IntStream.range(0, count)
        .mapToObj(i -> load("task" + i, bundles.bundle(i + 1, points)))
        .toList();
  }

  private static List<Row> rows(List<LoadedTask> tasks, Tokens text) {
    return tasks.stream().map(task -> row(task, text)).toList();
  }
}
