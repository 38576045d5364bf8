package io.sluice.server.engine;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Batchers at a time that goes on only when told to, and rows for them; what the rows hold is freed
 * after each test.
 */
final class TestingQueue implements AfterEachCallback {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final StructureCache structures =
      new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20);
  private final Map<String, LoadedTask> tasks = new HashMap<>();
  private final Map<Batcher, Taker> takers = new ConcurrentHashMap<>();
  private long nowNanos = 1_000;

  /** That waits for nobody. */
  Batcher batcher(int maxTokens, int maxRows, int maxQueued) {
    return batcher(maxTokens, maxRows, maxQueued, Duration.ZERO);
  }

  Batcher batcher(int maxTokens, int maxRows, int maxQueued, Duration maxGather) {
    return batcher(
        new BatchingSettings(
            maxTokens,
            maxRows,
            maxQueued,
            Duration.ofMillis(5),
            maxGather,
            Duration.ofMillis(250)));
  }

  Batcher batcher(BatchingSettings settings) {
    return new Batcher(settings, new Cores(2, 2), () -> nowNanos);
  }

  /** The rows of the next batch, taken always by the same; null when closed and empty. */
  @Nullable List<Row> take(Batcher batcher) throws InterruptedException {
    Batch batch = taker(batcher).take();
    return batch == null ? null : batch.rows();
  }

  /** Says that the batch taken last is done. */
  void finished(Batcher batcher, int rows, int tokens, long nanos) {
    taker(batcher).finished(rows, tokens, nanos);
  }

  private Taker taker(Batcher batcher) {
    return takers.computeIfAbsent(batcher, Batcher::taker);
  }

  void advance(Duration time) {
    nowNanos += time.toNanos();
  }

  long nowNanos() {
    return nowNanos;
  }

  /** A row that comes now and may wait for ever. */
  Row row(String task, int length) {
    return new Row(task(task), tokens(length), nowNanos, Row.NO_DEADLINE);
  }

  /** A row of a text that begins with that token. */
  Row rowOf(String task, long firstToken) {
    long[] ids = {firstToken, 1, 1, 1, 1};
    return new Row(task(task), new Tokens(ids, new long[ids.length]), nowNanos, Row.NO_DEADLINE);
  }

  static Tokens tokens(int length) {
    return new Tokens(new long[length], new long[length]);
  }

  LoadedTask task(String name) {
    return tasks.computeIfAbsent(
        name,
        fresh ->
            LoadedTask.load(
                fresh,
                new ServedBundles(TestingBackbone.create(), runtime).builder().build(),
                structures,
                new TaskWeights(runtime.memory())));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    tasks.values().forEach(LoadedTask::release);
    structures.close();
  }
}
