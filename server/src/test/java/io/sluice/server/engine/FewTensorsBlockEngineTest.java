package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.TestingExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same engine where no tensor over weights outlives its batch, and where few do. */
@Timeout(120)
class FewTensorsBlockEngineTest extends BlockEngineTest {
  private static final int READERS = 3;
  private static final int SWAPS = 300;

  @Override
  TaskWeights taskWeights() {
    return new TaskWeights(runtime.memory(), 1);
  }

  @Test
  void run_noRoomForTensors_closesThoseOfTheBatch() {
    LoadedTask task = load("task", bundles.bundle(1, 1, 3));
    List<Tokens> texts = texts(new Random(1), 3);
    engine.run(texts.stream().map(text -> row(task, text)).toList(), true);
    int first = runtime.openHandles();
    List<Row> rows = texts.stream().map(text -> row(task, text)).toList();
    engine.run(rows, true);
    requireOracle(rows, "tensors made anew");
    assertThat(runtime.openHandles()).isEqualTo(first);
    try (WeightsInUse use = weights.use()) {
      assertThat(task.legInputs(task.leg(), use)).isNotEmpty();
      assertThat(runtime.openHandles()).isEqualTo(first + task.legInputs(task.leg(), use).size());
    }
    assertThat(runtime.openHandles()).isEqualTo(first);
  }

  @Test
  void use_roomForTensors_givesTheNextBatchTheSame() {
    TaskWeights roomy = new TaskWeights(runtime.memory(), 100);
    int before = runtime.openHandles();
    LoadedTask task = LoadedTask.load("task", bundles.bundle(1, 1, 3), structures, roomy);
    assertThat(runtime.openHandles()).as("of a task that nobody has asked").isEqualTo(before);
    Map<String, Tensor> first;
    try (WeightsInUse use = roomy.use()) {
      first = task.legInputs(task.leg(), use);
      assertThat(task.head().inputs(use).values()).isSubsetOf(first.values());
    }
    assertThat(runtime.openHandles()).isEqualTo(before + first.size());
    try (WeightsInUse use = roomy.use();
        WeightsInUse other = roomy.use()) {
      assertThat(task.legInputs(task.leg(), use)).isEqualTo(first);
      assertThat(task.legInputs(task.leg(), other)).isEqualTo(first);
    }
    task.release();
    assertThat(runtime.openHandles()).isEqualTo(before);
  }

  @Test
  void use_taskFreedMeanwhile_keepsItsTensorsToTheEnd() {
    TaskWeights roomy = new TaskWeights(runtime.memory(), 100);
    int before = runtime.openHandles();
    LoadedTask task = LoadedTask.load("task", bundles.bundle(1, 1, 3), structures, roomy);
    try (WeightsInUse use = roomy.use()) {
      int tensors = task.legInputs(task.leg(), use).size();
      task.release();
      assertThat(task.freed().toCompletableFuture()).isDone();
      assertThat(runtime.openHandles()).isEqualTo(before + tensors);
    }
    assertThat(runtime.openHandles()).isEqualTo(before);
  }

  /** Oracle: the bits that each bundle answers alone, all its tensors kept. */
  @ParameterizedTest(name = "{0} tensors kept")
  @ValueSource(ints = {0, 1, 25, 10_000})
  void run_besideSwapsByBlocks_answersAsWithAllTensorsKept(int tensors) throws Exception {
    try (ExpressSessions none = express()) {
      requireSameBesideSwaps(tensors, none);
    }
  }

  @ParameterizedTest(name = "{0} tensors kept")
  @ValueSource(ints = {0, 1, 25, 10_000})
  void run_besideSwapsAsOne_answersAsWithAllTensorsKept(int tensors) throws Exception {
    TestingExecutor unused = new TestingExecutor();
    try (ExpressSessions eager =
        new ExpressSessions(
            backbone, Precision.FP32, shared, 1, 64 << 20, 1, true, unused, () -> 0)) {
      requireSameBesideSwaps(tensors, eager);
      assertThat(eager.stats().runs()).isPositive();
    }
  }

  private void requireSameBesideSwaps(int tensors, ExpressSessions joined) throws Exception {
    long seed = 11L + tensors;
    List<AdapterBundle> versions = new ArrayList<>();
    for (int version = 0; version < 6; version++) {
      versions.add(
          version % 2 == 0 ? bundles.bundle(version, 1, 3) : bundles.bundle(version, 2, 3, 4));
    }
    Tokens text = texts(new Random(seed), 1).get(0);
    Map<Digest, float[]> expected = new HashMap<>();
    TaskWeights all = new TaskWeights(runtime.memory(), 10_000);
    try (BlockEngine alone = engine(all, joined)) {
      for (AdapterBundle version : versions) {
        LoadedTask task = LoadedTask.load("task", version, structures, all);
        expected.put(task.digest(), answer(alone, task, text));
        task.release();
      }
    }
    int before = runtime.openHandles();
    ScarceMemory memory = new ScarceMemory(runtime.memory(), Long.MAX_VALUE);
    TaskWeights few = new TaskWeights(memory, tensors);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try (LiveTasks live = new LiveTasks()) {
      List<String> names = List.of("a", "b", "c", "d");
      for (String name : names) {
        live.swap(LoadedTask.load(name, versions.get(0), structures, few));
      }
      List<Future<Integer>> counts = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        Random random = new Random(seed + reader);
        Callable<Integer> reading =
            () -> {
              int asked = 0;
              try (BlockEngine own = engine(few, joined)) {
                while (!stop.get()) {
                  try (Lease lease = live.lease(names.get(random.nextInt(names.size())))) {
                    assertThat(answer(own, lease.task(), text))
                        .as("seed %d, %s", seed, lease.task().name())
                        .isEqualTo(requireNonNull(expected.get(lease.task().digest())));
                  }
                  asked++;
                }
              }
              return asked;
            };
        counts.add(readers.submit(reading));
      }
      Random random = new Random(seed);
      for (int swap = 0; swap < SWAPS; swap++) {
        live.swap(
            LoadedTask.load(
                names.get(random.nextInt(names.size())),
                versions.get(random.nextInt(versions.size())),
                structures,
                few));
      }
      stop.set(true);
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isPositive();
      }
    } finally {
      stop.set(true);
      readers.shutdownNow();
    }
    assertThat(runtime.openHandles()).as("seed %d", seed).isEqualTo(before);
    assertThat(memory.openBytes()).as("bytes of weights, seed %d", seed).isZero();
  }

  private static float[] answer(BlockEngine engine, LoadedTask task, Tokens text) {
    Row row = row(task, text);
    engine.run(List.of(row), false);
    return result(row).logits();
  }

  private BlockEngine engine(TaskWeights of, ExpressSessions joined) {
    return new BlockEngine(
        sessions, 0, structures, of, joined, null, null, runtime.memory(), System::nanoTime);
  }
}
