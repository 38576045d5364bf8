package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveTasksTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final StructureCache structures =
      new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20);
  private final ServedBundles bundles = new ServedBundles(TestingBackbone.create(), runtime);

  @Test
  void lease_unknownTask_isNotFound() {
    try (LiveTasks live = new LiveTasks()) {
      assertThatThrownBy(() -> live.lease("nobody"))
          .isInstanceOfSatisfying(
              SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessageContaining("task: \"nobody\"");
    }
  }

  @Test
  void swap_whileLeased_oldTaskLivesUntilTheLeaseCloses() {
    int handles = runtime.openHandles();
    try (LiveTasks live = new LiveTasks()) {
      assertThat(live.swap(load(1))).isEqualTo(1);
      int withOne = runtime.openHandles();
      Lease lease = live.lease("task");
      assertThat(live.swap(load(2))).isEqualTo(2);
      assertThat(lease.generation()).isEqualTo(1);
      assertThat(runtime.openHandles()).isGreaterThan(withOne);
      lease.close();
      lease.close();
      assertThat(runtime.openHandles()).isEqualTo(withOne);
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void remove_whileLeased_isGoneAtOnceAndFreedWithTheLease() {
    int handles = runtime.openHandles();
    try (LiveTasks live = new LiveTasks()) {
      live.swap(load(1));
      Lease lease = live.lease("task");
      LiveTasks.Removed removed = live.remove("task");
      assertThat(removed.generation()).isEqualTo(2);
      assertThatThrownBy(() -> live.lease("task")).isInstanceOf(SluiceException.class);
      assertThat(removed.freed().toCompletableFuture()).isNotDone();
      lease.close();
      assertThat(removed.freed().toCompletableFuture()).isDone();
      assertThat(runtime.openHandles()).isEqualTo(handles);
      assertThat(live.remove("task").generation()).isEqualTo(2);
    }
  }

  @Test
  void swap_sameTaskAgain_keepsOneUseOfIt() {
    int handles = runtime.openHandles();
    List<LoadedTask> replaced = new ArrayList<>();
    try (LiveTasks live = new LiveTasks(replaced::add)) {
      LoadedTask first = load(1);
      live.swap(first);
      assertThat(live.retained("task", Digest.of(new byte[1]))).isNull();
      LoadedTask again = live.retained("task", first.digest());
      assertThat(again).isSameAs(first);
      assertThat(live.swap(first)).isEqualTo(2);
      assertThat(replaced).isEmpty();
      live.swap(load(2));
      assertThat(replaced).containsExactly(first);
      first.release();
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void lease_underContentionWithSwaps_neverSeesAFreedTaskOrAnOldGeneration() throws Exception {
    int handles = runtime.openHandles();
    AdapterBundle bundle = bundles.builder().adaptAt(1, 4).build();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try (LiveTasks live = new LiveTasks()) {
      live.swap(LoadedTask.load("task", bundle, structures, new TaskWeights(runtime.memory())));
      List<Future<Long>> counts = new ArrayList<>();
      Callable<Long> reader =
          () -> {
            long leases = 0;
            long latest = 0;
            while (!stop.get()) {
              try (Lease lease = live.lease("task")) {
                if (lease.generation() < latest) {
                  throw new AssertionError("generation " + lease.generation() + " after " + latest);
                }
                latest = lease.generation();
                // The count of a task that has been freed is zero for good.
                if (!lease.task().tryRetain()) {
                  throw new AssertionError("leased task is freed");
                }
                lease.task().release();
                leases++;
              }
            }
            return leases;
          };
      for (int i = 0; i < 3; i++) {
        counts.add(readers.submit(reader));
      }
      for (int i = 0; i < 500; i++) {
        live.swap(LoadedTask.load("task", bundle, structures, new TaskWeights(runtime.memory())));
      }
      stop.set(true);
      for (Future<Long> count : counts) {
        assertThat(count.get()).isPositive();
      }
      assertThat(live.generation()).isEqualTo(501);
    } finally {
      stop.set(true);
      readers.shutdownNow();
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  private LoadedTask load(long seed) {
    return LoadedTask.load(
        "task",
        bundles.builder().seed(seed).adaptAt(1, 4).build(),
        structures,
        new TaskWeights(runtime.memory()));
  }
}
