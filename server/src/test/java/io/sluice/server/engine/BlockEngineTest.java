package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Batches of all kinds. */
class BlockEngineTest extends BlockEngineBed {
  @Test
  void run_mixedTasksAndLengths_equalsEachMergedModel() {
    List<LoadedTask> tasks =
        List.of(
            load("low", bundles.bundle(1, 1)),
            load("high", bundles.bundle(2, 4)),
            load("all", bundles.bundle(3, 1, 2, 3, 4)),
            load("middle", bundles.bundle(4, 2, 3)),
            load("none", bundles.bundle(5)),
            load("mixed", mixedKinds()));
    for (int seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      List<Row> rows = new ArrayList<>();
      List<Tokens> texts = texts(random, 1 + random.nextInt(6));
      int count = 1 + random.nextInt(20);
      for (int i = 0; i < count; i++) {
        rows.add(
            row(tasks.get(random.nextInt(tasks.size())), texts.get(random.nextInt(texts.size()))));
      }
      engine.run(rows, true);
      requireOracle(rows, "seed " + seed);
    }
  }

  @Test
  void run_oneTextForManyTasks_sharesTheTrunkUpToEachFork() {
    LoadedTask low = load("low", bundles.bundle(1, 1));
    LoadedTask middle = load("middle", bundles.bundle(2, 3));
    LoadedTask none = load("none", bundles.bundle(3));
    Tokens text = texts(new Random(1), 1).get(0);
    List<Row> rows = List.of(row(low, text), row(middle, text), row(none, text));

    engine.run(rows, true);

    requireOracle(rows, "one text");
    assertThat(result(rows.get(0)).layersShared()).isEqualTo(1);
    assertThat(result(rows.get(1)).layersShared()).isEqualTo(3);
    assertThat(result(rows.get(2)).layersShared()).isEqualTo(3);
    assertThat(result(rows.get(0)).layersRun()).isEqualTo(4);
  }

  @Test
  void run_sameQuestionTwice_isComputedOnceForBoth() {
    LoadedTask task = load("task", bundles.bundle(1, 2));
    Tokens text = texts(new Random(1), 1).get(0);
    List<Row> rows = List.of(row(task, text), row(task, text));

    engine.run(rows, true);

    requireOracle(rows, "twice");
    assertThat(result(rows.get(0)).layersShared()).isEqualTo(4);
    assertThat(result(rows.get(0)).logits()).isNotSameAs(result(rows.get(1)).logits());
  }

  @Test
  void run_cancelledRows_areDroppedAndTheOthersAnswered() {
    LoadedTask first = load("first", bundles.bundle(1, 1, 3));
    LoadedTask second = load("second", bundles.bundle(2, 2));
    List<Tokens> texts = texts(new Random(3), 3);
    List<Row> rows = new ArrayList<>();
    for (Tokens text : texts) {
      rows.add(row(first, text));
      rows.add(row(second, text));
    }
    List<Row> cancelled = List.of(rows.get(0), rows.get(2), rows.get(4), rows.get(1));
    cancelled.forEach(Row::cancel);

    engine.run(rows, true);

    cancelled.forEach(row -> assertThat(failure(row)).isEqualTo(ErrorCode.CANCELLED));
    requireOracle(List.of(rows.get(3), rows.get(5)), "others");
  }

  @Test
  void run_expiredRow_failsWithDeadlineExceeded() {
    LoadedTask task = load("task", bundles.bundle(1, 1));
    Tokens text = texts(new Random(3), 1).get(0);
    Row row = new Row(task, text, System.nanoTime(), System.nanoTime() - 1);

    engine.run(List.of(row), true);

    assertThat(failure(row)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void run_adapterThatFails_failsItsTaskAloneAndTouchesItNoMore() {
    TestingBundles builder = bundles.builder().seed(7);
    LoadedTask broken =
        load("broken", builder.adaptAt(1, "late", 0, readsToken20()).adaptAt(3, 8).build());
    LoadedTask whole = load("whole", bundles.bundle(2, 2));
    List<Tokens> texts = texts(new Random(4), 3);
    // The others are more than half, so the failed row stays in the batch to its end.
    List<Row> others = texts.stream().map(text -> row(whole, text)).toList();
    Row failing = row(broken, texts.get(0));
    List<Row> rows = new ArrayList<>(others);
    rows.add(failing);

    engine.run(rows, true);

    assertThat(failure(failing)).isEqualTo(ErrorCode.INTERNAL);
    requireOracle(others, "others");
    // The adapter that fails, the other task's and the head: not the one of rank 8 behind it.
    assertThat(structures.compilations()).isEqualTo(3);
  }

  @Test
  void load_sameStructureOtherWeights_compilesNothingNew() {
    LoadedTask first = load("first", bundles.bundle(1, 1));
    engine.run(List.of(row(first, texts(new Random(1), 1).get(0))), true);
    long compiled = structures.compilations();

    for (int seed = 2; seed < 6; seed++) {
      LoadedTask next = load("task" + seed, bundles.bundle(seed, 1, 4));
      List<Row> rows = List.of(row(next, texts(new Random(seed), 1).get(0)));
      engine.run(rows, true);
      requireOracle(rows, "seed " + seed);
    }

    assertThat(structures.compilations()).isEqualTo(compiled).isEqualTo(2);
  }

  @Test
  void run_cacheTooSmallForAnyStructure_answersAllTheSame() {
    structures.close();
    engine.close();
    structures = new StructureCache(runtime, SessionSettings.oneOfMany(), 0);
    engine = engine();
    LoadedTask task = load("task", bundles.bundle(1, 1, 2));

    List<Row> rows = List.of(row(task, texts(new Random(1), 1).get(0)));
    engine.run(rows, true);

    requireOracle(rows, "no cache");
  }

  private AdapterBundle mixedKinds() {
    Random random = new Random(9);
    int hidden = TestingBackbone.HIDDEN;
    TestingBundles builder =
        bundles
            .builder()
            .seed(6)
            .pooling(Pooling.MEAN)
            .adaptAt(1, "parallel", 4, TestingAdapters.parallel(hidden, 4, 1, random))
            .adaptAt(2, "scale_shift", 0, TestingAdapters.scaleShift(hidden, 0.2, random))
            .adaptAt(4, 8);
    return bundles.proven(builder);
  }
}
