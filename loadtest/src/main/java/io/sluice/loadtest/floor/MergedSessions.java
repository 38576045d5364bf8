package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.vitals.ResidentMemory;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The way without a shared backbone: for each task the whole model with its adapters merged in, in
 * a plain session of its own in this process. Confined to one thread.
 */
public final class MergedSessions implements AutoCloseable {
  private static final int CALLERS = 2;

  private final List<PlainModel> models = new ArrayList<>();
  private final List<PlainModel.Shape> shapes = new ArrayList<>();
  private final long bytes;

  /**
   * Opens sessions until there are enough or the memory is used up.
   *
   * @param bundles by number from 0
   * @param tokens length of the texts that will be asked
   * @param most tasks
   * @param limitBytes what the process may grow by
   */
  public MergedSessions(
      Backbone backbone,
      IntFunction<AdapterBundle> bundles,
      OnnxRuntime runtime,
      int tokens,
      int most,
      long limitBytes) {
    requireNonNull(bundles, "bundles");
    long pid = ProcessHandle.current().pid();
    System.gc();
    long before = ResidentMemory.bytes(pid);
    long grown = 0;
    try {
      while (models.size() < most && grown < limitBytes) {
        AdapterBundle bundle = bundles.apply(models.size());
        PlainModel model =
            new PlainModel(
                runtime, MergedGraph.adapted(backbone, bundle), bundle.manifest().labels().size());
        models.add(model);
        PlainModel.Shape shape = model.shape(1, tokens);
        shape.runAgain();
        shapes.add(shape);
        System.gc();
        grown = ResidentMemory.bytes(pid) - before;
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    bytes = grown;
  }

  /** Tasks that fit. */
  public int tasks() {
    return models.size();
  }

  /** What they made the process grow by. */
  public long bytes() {
    return bytes;
  }

  /**
   * Rows a second of two callers, each with one row of a task by chance at a time: rows of
   * different sessions cannot share a batch.
   *
   * @param pick the number of the next task
   */
  public double rowsPerSecond(
      ToIntFunction<RandomGenerator> pick, List<Encoding> rows, Duration time, long seed)
      throws InterruptedException {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      long begin = System.nanoTime();
      long end = begin + time.toNanos();
      List<Future<Long>> counts = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed + caller);
        counts.add(callers.submit(() -> ask(pick, rows, end, random)));
      }
      long sum = 0;
      for (Future<Long> count : counts) {
        sum += count.get();
      }
      return sum * 1e9 / (System.nanoTime() - begin);
    } catch (ExecutionException e) {
      throw new IllegalStateException("merged session: " + e.getCause(), e);
    } finally {
      callers.shutdownNow();
    }
  }

  private long ask(
      ToIntFunction<RandomGenerator> pick,
      List<Encoding> rows,
      long endNanos,
      RandomGenerator random) {
    long count = 0;
    while (System.nanoTime() < endNanos) {
      PlainModel.Shape shape = shapes.get(pick.applyAsInt(random));
      Encoding row = rows.get(random.nextInt(rows.size()));
      // Its buffers serve one caller at a time.
      synchronized (shape) {
        shape.labels(List.of(row));
      }
      count++;
    }
    return count;
  }

  @Override
  public void close() {
    models.forEach(PlainModel::close);
  }
}
