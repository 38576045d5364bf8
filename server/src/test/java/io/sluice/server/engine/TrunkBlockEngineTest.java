package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The same engine where states of trunks are kept, so that rows begin at different boundaries. */
class TrunkBlockEngineTest extends BlockEngineTest {
  private TrunkCache trunks = new TrunkCache(1 << 20);

  @Override
  TrunkCache trunks() {
    return trunks;
  }

  @Test
  void run_textAgain_beginsWhereItsTrunkEndedAndAnswersTheSameBits() {
    LoadedTask middle = load("middle", bundles.bundle(1, 3));
    LoadedTask none = load("none", bundles.bundle(2));
    LoadedTask low = load("low", bundles.bundle(3, 1, 3));
    for (Tokens text : texts(new Random(5), 10)) {
      requireSameAgain(middle, text, 2);
      // Begins at once where the other has left something.
      assertThat(asked(none, text).layersRun()).isEqualTo(2);
      requireSameAgain(none, text, 0);
      // Has no trunk.
      requireSameAgain(low, text, 4);
    }
    assertThat(trunks.stats().hits()).isEqualTo(10 + 20 + 10);
    assertThat(trunks.stats().misses()).isEqualTo(10);
    assertThat(trunks.stats().entries()).isEqualTo(20);
  }

  @Test
  void run_bundleSwapped_beginsWithTheTrunkOfTheOneBefore() {
    List<Tokens> texts = texts(new Random(6), 5);
    LoadedTask before = load("task", bundles.bundle(1, 3));
    texts.forEach(text -> asked(before, text));
    LoadedTask after = load("task", bundles.bundle(2, 3, 4));
    LoadedTask higher = load("task", bundles.bundle(3, 4));
    LoadedTask lower = load("task", bundles.bundle(4, 2));
    for (Tokens text : texts) {
      assertThat(asked(after, text).layersRun()).isEqualTo(2);
      assertThat(asked(higher, text).layersRun()).isEqualTo(2);
      assertThat(asked(higher, text).layersRun()).isEqualTo(1);
      assertThat(asked(lower, text).layersRun()).isEqualTo(4);
      assertThat(asked(lower, text).layersRun()).isEqualTo(3);
    }
  }

  @Test
  void run_rowsThatBeginEverywhere_equalTheMergedModels() {
    List<LoadedTask> tasks =
        List.of(
            load("one", bundles.bundle(1, 1, 4)),
            load("two", bundles.bundle(2, 2)),
            load("three", bundles.bundle(3, 3)),
            load("four", bundles.bundle(4, 4)),
            load("none", bundles.bundle(5)));
    Random random = new Random(7);
    List<Tokens> texts = texts(random, 12);
    for (int batch = 0; batch < 60; batch++) {
      if (batch % 20 == 0) {
        engine.close();
        trunks = new TrunkCache(1 << 20);
        engine = engine();
      }
      List<Row> rows = new ArrayList<>();
      List<Row> cancelled = new ArrayList<>();
      int count = 1 + random.nextInt(10);
      for (int i = 0; i < count; i++) {
        LoadedTask task = tasks.get(random.nextInt(tasks.size()));
        Row row = row(task, texts.get(random.nextInt(texts.size())));
        rows.add(row);
        if (random.nextInt(5) == 0) {
          row.cancel();
          cancelled.add(row);
        }
      }
      engine.run(rows, true);
      assertThat(rows).allMatch(row -> row.result().isDone());
      rows.removeAll(cancelled);
      requireOracle(rows, "batch " + batch);
    }
    assertThat(trunks.stats().hits()).isPositive();
  }

  @Test
  void run_cacheOfFewBytes_keepsItsBoundAndAnswersAllTheSame() {
    engine.close();
    trunks = new TrunkCache(10_000);
    engine = engine();
    LoadedTask task = load("task", bundles.bundle(1, 3));
    for (Tokens text : texts(new Random(8), 40)) {
      asked(task, text);
      assertThat(trunks.stats().sizeBytes()).isBetween(1L, 10_000L);
    }
    assertThat(trunks.stats().evicted()).isPositive();
  }

  @Test
  void run_rowsOfTheServer_passTheCacheByAndHaveTheirOwn() {
    LoadedTask task = load("task", bundles.bundle(1, 3));
    LoadedTask next = load("next", bundles.bundle(2, 3, 4));
    Tokens text = texts(new Random(9), 1).get(0);
    List<Integer> blocks = new ArrayList<>();
    for (LoadedTask each : List.of(task, next, task)) {
      Row row = Row.background(each, text, System.nanoTime());
      engine.run(List.of(row), true);
      requireOracle(List.of(row), each.name());
      blocks.add(result(row).layersRun());
    }
    assertThat(blocks).containsExactly(4, 2, 2);
    assertThat(trunks.stats()).isEqualTo(CacheStats.OFF);
  }

  private void requireSameAgain(LoadedTask task, Tokens text, int blocks) {
    float[] first = asked(task, text).logits();
    RowResult again = asked(task, text);
    assertThat(again.logits()).containsExactly(first);
    assertThat(again.layersRun()).isEqualTo(blocks);
  }

  private RowResult asked(LoadedTask task, Tokens text) {
    Row row = row(task, text);
    engine.run(List.of(row), true);
    requireOracle(List.of(row), "asked");
    return result(row);
  }
}
