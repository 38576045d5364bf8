package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final StructureCache structures =
      new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20);
  private final ServedBundles bundles = new ServedBundles(TestingBackbone.create(), runtime);
  private final List<LoadedTask> tasks = new ArrayList<>();

  @AfterEach
  void free() {
    tasks.forEach(LoadedTask::release);
    structures.close();
  }

  @Test
  void after_textsNobodyShares_isOneSliceForEachTaskFromTheStart() {
    LoadedTask a = task("a", 3);
    LoadedTask b = task("b", 1);
    List<Lane> lanes = Lane.of(List.of(row(a, 1), row(b, 2), row(a, 3)));
    Layout layout = Layout.after(0, lanes);
    assertThat(layout.rows()).isEqualTo(3);
    assertThat(layout.slices())
        .containsExactly(new Layout.Slice(a, 0, 2), new Layout.Slice(b, 2, 1));
    assertThat(Layout.forks(lanes)).isEmpty();
  }

  @Test
  void companies_taskAndItsTwin_areRunApart() {
    LoadedTask a = task("a", 1);
    LoadedTask b = task("b", 1);
    LoadedTask twin = a.twin();
    tasks.add(twin);
    Layout layout = Layout.after(1, Lane.of(List.of(row(a, 1), row(b, 1), row(twin, 1))));
    List<List<LoadedTask>> together =
        Layout.companies(layout.slices(), task -> task.adapter(1)).stream()
            .map(company -> company.slices().stream().map(Layout.Slice::task).toList())
            .toList();
    assertThat(together).containsExactly(List.of(a, b), List.of(twin));
  }

  @Test
  void after_sharedText_partsAtEachFirstAdapter() {
    LoadedTask low = task("low", 1);
    LoadedTask high = task("high", 4);
    LoadedTask none = task("none");
    List<Lane> lanes = Lane.of(List.of(row(low, 1), row(high, 1), row(none, 1), row(high, 2)));
    assertThat(Layout.forks(lanes)).containsExactly(1, 4, 5);

    Layout start = Layout.after(0, lanes);
    assertThat(start.rows()).isEqualTo(2);
    assertThat(start.slices()).isEmpty();

    Layout afterFirst = Layout.after(1, lanes);
    assertThat(afterFirst.rows()).isEqualTo(3);
    assertThat(afterFirst.slices()).containsExactly(new Layout.Slice(low, 0, 1));
    assertThat(afterFirst.sourcesIn(start)).containsExactly(1, 0, 1);

    Layout afterLast = Layout.after(4, lanes);
    assertThat(afterLast.rows()).isEqualTo(4);
    assertThat(afterLast.slices())
        .containsExactly(new Layout.Slice(low, 0, 1), new Layout.Slice(high, 1, 2));
    assertThat(afterLast.sourcesIn(afterFirst)).containsExactly(0, 2, 1, 2);

    Layout heads = Layout.after(5, lanes);
    assertThat(heads.slices()).extracting(Layout.Slice::task).containsExactly(low, high, none);
  }

  @Test
  void lanes_sameTaskAndText_areOne() {
    LoadedTask a = task("a", 1);
    List<Lane> lanes = Lane.of(List.of(row(a, 1), row(a, 1), row(a, 2)));
    assertThat(lanes).hasSize(2);
    assertThat(lanes.get(0).rows()).hasSize(2);
  }

  private LoadedTask task(String name, int... points) {
    TestingBundles builder = bundles.builder();
    Arrays.stream(points).forEach(point -> builder.adaptAt(point, 4));
    LoadedTask task =
        LoadedTask.load(name, builder.build(), structures, new TaskWeights(runtime.memory()));
    tasks.add(task);
    return task;
  }

  private static Row row(LoadedTask task, long id) {
    return new Row(task, new Tokens(new long[] {id}, new long[1]), 0, Row.NO_DEADLINE);
  }
}
