package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecentTasksTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final ServedBundles bundles = new ServedBundles(TestingBackbone.create(), runtime);

  private final StructureCache structures =
      new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20);
  private final ScarceMemory memory = new ScarceMemory(runtime.memory(), Long.MAX_VALUE);
  private final TaskWeights weights = new TaskWeights(memory);
  private final int handlesBefore = runtime.openHandles();

  @AfterEach
  void nothingIsLeft() {
    structures.close();
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
    assertThat(memory.openBytes()).as("bytes of weights that nobody freed").isZero();
  }

  @Test
  void take_kept_givesItsUseAndIsGone() {
    RecentTasks recent = new RecentTasks(1 << 20);
    LoadedTask task = load("task", 1);
    recent.keep(task);
    assertThat(recent.take("other", task.digest())).isNull();
    Built back = recent.take("task", task.digest());
    assertThat(requireNonNull(back).take()).isSameAs(task);
    assertThat(back.compiledStructures()).isZero();
    assertThat(recent.take("task", task.digest())).isNull();
    recent.close();
    assertThat(task.freed().toCompletableFuture()).isNotDone();
    task.release();
    assertThat(task.freed().toCompletableFuture()).isDone();
  }

  @Test
  void load_errorInTheMiddle_leavesNothingOpen() {
    AdapterBundle bundle = bundles.bundle(1, 1, 3);
    LoadedTask whole = LoadedTask.load("task", bundle, structures, weights);
    long bytes = whole.residentBytes();
    whole.release();
    for (long room : new long[] {0, bytes / 2, bytes - 1}) {
      ScarceMemory scarce = new ScarceMemory(runtime.memory(), room);
      TaskWeights tight = new TaskWeights(scarce);
      assertThatThrownBy(() -> LoadedTask.load("task", bundle, structures, tight))
          .isInstanceOf(SluiceException.class);
      assertThat(scarce.openBytes()).as("room %d of %d", room, bytes).isZero();
    }
  }

  @Test
  void keep_moreThanFit_freesTheLongestUnused() {
    LoadedTask first = load("task", 1);
    LoadedTask second = load("task", 2);
    RecentTasks recent = new RecentTasks(10_000 + first.residentBytes());
    recent.keep(first);
    recent.keep(second);
    assertThat(
            recent.take("task", first.digest()) == null
                ^ recent.take("task", second.digest()) == null)
        .isTrue();
    LoadedTask large = load("task", 3);
    RecentTasks none = new RecentTasks(0);
    none.keep(large);
    assertThat(large.freed().toCompletableFuture()).isDone();
    recent.close();
    (first.freed().toCompletableFuture().isDone() ? second : first).release();
  }

  @Test
  void keep_twiceTheSameBundle_freesTheEarlier() {
    RecentTasks recent = new RecentTasks(1 << 20);
    LoadedTask earlier = load("task", 1);
    LoadedTask later = load("task", 1);
    recent.keep(earlier);
    recent.keep(later);
    assertThat(earlier.freed().toCompletableFuture()).isDone();
    assertThat(later.freed().toCompletableFuture()).isNotDone();
    recent.forget("other");
    assertThat(later.freed().toCompletableFuture()).isNotDone();
    recent.forget("task");
    assertThat(later.freed().toCompletableFuture()).isDone();
  }

  private LoadedTask load(String name, long seed) {
    return LoadedTask.load(
        name, bundles.builder().seed(seed).adaptAt(1, 4).build(), structures, weights);
  }
}
