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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveTasksTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final StructureCache structures =
      new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20);
  private final ScarceMemory memory = new ScarceMemory(runtime.memory(), Long.MAX_VALUE);
  private final TaskWeights weights = new TaskWeights(memory);
  private final ServedBundles bundles = new ServedBundles(TestingBackbone.create(), runtime);

  @AfterEach
  void everything_isFreed() {
    structures.close();
    assertThat(memory.openBytes()).as("bytes of weights that nobody freed").isZero();
  }

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
    try (LiveTasks live = new LiveTasks()) {
      LoadedTask first = load(1);
      LoadedTask second = load(2);
      assertThat(live.swap(first)).isEqualTo(1);
      Lease lease = live.lease("task");
      assertThat(live.swap(second)).isEqualTo(2);
      assertThat(lease.generation()).isEqualTo(1);
      assertThat(first.freed().toCompletableFuture()).isNotDone();
      lease.close();
      lease.close();
      assertThat(first.freed().toCompletableFuture()).isDone();
      assertThat(second.freed().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void remove_whileLeased_isGoneAtOnceAndFreedWithTheLease() {
    try (LiveTasks live = new LiveTasks()) {
      live.swap(load(1));
      Lease lease = live.lease("task");
      LiveTasks.Removed removed = live.remove("task");
      assertThat(removed.generation()).isEqualTo(2);
      assertThatThrownBy(() -> live.lease("task")).isInstanceOf(SluiceException.class);
      assertThat(removed.freed().toCompletableFuture()).isNotDone();
      lease.close();
      assertThat(removed.freed().toCompletableFuture()).isDone();
      assertThat(live.remove("task").generation()).isEqualTo(2);
    }
  }

  @Test
  void swap_sameTaskAgain_keepsOneUseOfIt() {
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
  }

  @Test
  void lease_underContentionWithSwaps_neverSeesAFreedTaskOrAnOldGeneration() throws Exception {
    AdapterBundle bundle = bundles.builder().adaptAt(1, 4).build();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try (LiveTasks live = new LiveTasks()) {
      live.swap(load(bundle));
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
        live.swap(load(bundle));
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
  }

  private LoadedTask load(long seed) {
    return load(bundles.builder().seed(seed).adaptAt(1, 4).build());
  }

  private LoadedTask load(AdapterBundle bundle) {
    return LoadedTask.load("task", bundle, structures, weights);
  }
}
