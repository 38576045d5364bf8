package io.sluice.cli.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.backbone.SluiceMini;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.store.TaskState;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleTasksTest {
  private static final int MOST_BYTES = 4 << 20;
  private static final Digest EMBEDDED = SluiceMini.load().digest();

  @TempDir private Path directory;

  @Test
  void bundle_eachOfThem_isOfTheEmbeddedEncoderAndHasItsReport() {
    int bytes = 0;
    for (String name : ExampleTasks.NAMES) {
      AdapterBundle bundle = ExampleTasks.bundle(name);
      assertThat(bundle.manifest().backbone())
          .as(
              "%s: backbone of the bundle (expected: the embedded one; run examples/train.sh)",
              name)
          .isEqualTo(EMBEDDED);
      assertThat(bundle.attachmentNames()).as(name).contains("report.html");
      bytes += bundle.sizeBytes();
    }
    assertThat(bytes).isLessThan(MOST_BYTES);
  }

  @Test
  void addTo_newStore_hasAllOfThemActiveAfterOpeningAgain() {
    try (BundleStore store = open()) {
      assertThat(ExampleTasks.addTo(store, EMBEDDED)).isEqualTo(ExampleTasks.NAMES);
    }
    try (BundleStore store = open()) {
      assertThat(store.opened().damaged()).isEmpty();
      assertThat(store.tasks()).extracting(TaskState::name).hasSameElementsAs(ExampleTasks.NAMES);
      for (TaskState task : store.tasks()) {
        assertThat(task.active()).isEqualTo(ExampleTasks.bundle(task.name()).digest());
      }
    }
  }

  @Test
  void addTo_storeThatHasOrHadTasks_changesNothing() {
    AdapterBundle bundle = ExampleTasks.bundle("intent");
    try (BundleStore store = open()) {
      store.register("mine", bundle);
      assertThat(ExampleTasks.addTo(store, EMBEDDED)).isEmpty();
      assertThat(store.tasks()).extracting(TaskState::name).containsExactly("mine");
      store.retireTask("mine", null);
    }
    try (BundleStore store = open()) {
      assertThat(ExampleTasks.addTo(store, EMBEDDED)).isEmpty();
      assertThat(store.tasks()).isEmpty();
    }
  }

  @Test
  void addTo_storeForAnotherBackbone_changesNothing() {
    try (BundleStore store = open()) {
      assertThat(ExampleTasks.addTo(store, Digest.of(new byte[] {1}))).isEmpty();
      assertThat(store.tasks()).isEmpty();
    }
  }

  private BundleStore open() {
    return BundleStore.open(
        directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
  }
}
