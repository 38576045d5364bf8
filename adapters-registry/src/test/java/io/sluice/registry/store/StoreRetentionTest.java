package io.sluice.registry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.testing.TestingBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store forgets, and what it deletes of it. */
class StoreRetentionTest {
  private static final StoreSettings THREE = new StoreSettings(3, 4, 1 << 20);
  private static final List<AdapterBundle> BUNDLES =
      IntStream.range(0, 6)
          .mapToObj(seed -> TestingBundles.small().seed(seed).adaptAt(2, 2).build())
          .toList();
  private static final AdapterBundle A = BUNDLES.get(0);
  private static final AdapterBundle B = BUNDLES.get(1);

  @TempDir Path directory;
  private BundleStore store;

  @BeforeEach
  void open() {
    store = BundleStore.open(directory, BundleLimits.defaults(), THREE, InstantSource.system());
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void register_moreThanAreKept_dropsTheOldestAndTheirFiles() throws IOException {
    BUNDLES.forEach(bundle -> store.register("task", bundle));
    assertThat(store.task("task").revisions())
        .extracting(Revision::number)
        .containsExactly(4, 5, 6);
    assertThat(files()).hasSize(3);
    refused(() -> store.load(A.digest()), ErrorCode.NOT_FOUND, A.digest().toString());
    refused(
        () -> store.activate("task", A.digest(), null), ErrorCode.NOT_FOUND, "of its 3 revisions");
    TaskState before = store.task("task");
    reopen();
    assertThat(store.task("task")).isEqualTo(before);
    assertThat(store.opened()).isEqualTo(new StoreReport(3, List.of(), List.of(), List.of()));
    assertThat(store.register("task", A).revision().number()).isEqualTo(7);
  }

  @Test
  void register_moreThanAreKept_keepsTheActiveAndTheOneBefore() {
    store.register("task", A);
    store.activate("task", A.digest(), null);
    store.register("task", B);
    store.activate("task", B.digest(), null);
    BUNDLES.subList(2, 6).forEach(bundle -> store.register("task", bundle));
    assertThat(store.task("task").revisions())
        .extracting(Revision::number)
        .containsExactly(1, 2, 6);
    assertThat(store.rollback("task").active()).isEqualTo(A.digest());
  }

  @Test
  void register_bundleOfAnotherTask_keepsItsFileWhenOneDropsIt() throws IOException {
    store.register("other", A);
    BUNDLES.forEach(bundle -> store.register("task", bundle));
    assertThat(store.load(A.digest()).digest()).isEqualTo(A.digest());
    assertThat(files()).hasSize(4);
  }

  @Test
  void activate_moreThanTheHistoryKeeps_forgetsTheOldest() {
    store.register("task", A);
    store.register("task", B);
    for (int i = 0; i < 7; i++) {
      store.activate("task", (i % 2 == 0 ? A : B).digest(), null);
    }
    TaskState before = store.task("task");
    assertThat(before.history()).extracting(Activation::version).containsExactly(6L, 7L, 8L, 9L);
    reopen();
    assertThat(store.task("task")).isEqualTo(before);
    assertThat(store.rollback("task").active()).isEqualTo(B.digest());
  }

  @Test
  void retireTask_forgetsItAndCollectDeletesWhatNobodyElseHas() throws IOException {
    store.register("task", A);
    store.register("task", B);
    store.register("other", B);
    TaskState active = store.activate("task", A.digest(), null);

    assertThat(store.retireTask("task", A.digest())).isEqualTo(active);
    refused(() -> store.task("task"), ErrorCode.NOT_FOUND, "task");
    assertThat(store.tasks()).extracting(TaskState::name).containsExactly("other");
    CollectedBundles collected = store.collect();

    assertThat(collected).isEqualTo(new CollectedBundles(List.of(A.digest()), A.sizeBytes()));
    assertThat(files()).hasSize(1);
    assertThat(store.collect().digests()).isEmpty();
    reopen();
    assertThat(store.tasks()).extracting(TaskState::name).containsExactly("other");
    assertThat(store.opened()).isEqualTo(new StoreReport(1, List.of(), List.of(), List.of()));
    assertThat(store.register("task", A).revision().number()).isEqualTo(1);
  }

  @Test
  void retireTask_notAsExpected_changesNothing() {
    refused(() -> store.retireTask("task", null), ErrorCode.NOT_FOUND, "task: task");
    store.register("task", A);
    store.register("task", B);
    store.activate("task", A.digest(), null);
    refused(() -> store.retireTask("task", B.digest()), ErrorCode.ABORTED, "active sha256:");
    assertThat(store.task("task").active()).isEqualTo(A.digest());
    assertThat(store.collect().digests()).isEmpty();
  }

  @Test
  void open_afterRetirementWithoutCollection_deletesTheFiles() throws IOException {
    store.register("task", A);
    store.register("task", B);
    store.retireTask("task", null);
    assertThat(files()).hasSize(2);
    reopen();
    assertThat(files()).isEmpty();
    assertThat(store.opened()).isEqualTo(new StoreReport(0, List.of(), List.of(), List.of()));
  }

  @Test
  void open_retiredBundleRegisteredAgain_keepsItsFile() {
    store.register("task", A);
    store.retireTask("task", null);
    store.register("other", A);
    assertThat(store.load(A.digest()).digest()).isEqualTo(A.digest());
    reopen();
    assertThat(store.load(A.digest()).digest()).isEqualTo(A.digest());
    assertThat(store.opened().damaged()).isEmpty();
  }

  /** Threads that register and retire the same few bundles under their own names. */
  @Test
  void collect_besideRegistrations_deletesNothingThatIsNeeded() throws Exception {
    long seed = System.nanoTime();
    System.err.println("StoreRetentionTest: seed " + seed);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Digest>> last = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      String task = "task-" + t;
      Random random = new Random(seed + t);
      last.add(threads.submit(() -> churn(task, random)));
    }
    for (int t = 0; t < 4; t++) {
      Digest digest = last.get(t).get();
      assertThat(store.task("task-" + t).revision(digest)).isPresent();
      assertThat(store.load(digest).digest()).isEqualTo(digest);
    }
    threads.shutdown();
    StoreReport report = store.verify();
    assertThat(report.damaged()).isEmpty();
    assertThat(report.unregistered()).isEmpty();
  }

  private Digest churn(String task, Random random) {
    for (int i = 0; ; i++) {
      AdapterBundle bundle = BUNDLES.get(random.nextInt(2));
      store.register(task, bundle);
      assertThat(store.load(bundle.digest()).digest()).isEqualTo(bundle.digest());
      store.activate(task, bundle.digest(), null);
      if (i == 20) {
        return bundle.digest();
      }
      store.retireTask(task, bundle.digest());
      store.collect();
    }
  }

  private void reopen() {
    store.close();
    open();
  }

  private List<Path> files() throws IOException {
    try (var files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static void refused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SluiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}
