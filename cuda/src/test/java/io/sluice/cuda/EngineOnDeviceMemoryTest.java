package io.sluice.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.loadtest.bundle.RandomEncoder;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.BareEngine;
import io.sluice.server.engine.LoadedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The engine with all tensors in memory that Java does not see, against the one on buffers. */
class EngineOnDeviceMemoryTest {
  private static final OnnxRuntime HOST = OnnxRuntime.shared();
  private static final double ROUNDING = 1e-6;

  private static Backbone backbone = RandomEncoder.of("random:3x64", HOST);
  private static List<AdapterBundle> bundles = List.of();
  private static TaskFamily family;

  @BeforeAll
  static void makeBundles() {
    try (BackboneSessions sessions = BackboneSessions.open(backbone, HOST)) {
      bundles =
          List.of(
              RandomBundle.of(sessions, HOST, List.of(1, 4, 6), 4, 1),
              RandomBundle.of(sessions, HOST, List.of(2, 4), 8, 2),
              RandomBundle.of(sessions, HOST, List.of(4), 16, 3),
              RandomBundle.of(sessions, HOST, List.of(6), 2, 4));
      family = TaskFamily.atTop(sessions, HOST, 4, 8, 5);
    }
  }

  @Test
  void logits_ofBatchesOfOneTask_areThoseOfHostMemoryToTheBit() {
    long seed = 19;
    for (AdapterBundle bundle : bundles) {
      compare(List.of(bundle), seed, 0);
    }
  }

  @Test
  void logits_ofTasksOfManyStructures_areThoseOfHostMemoryButForRounding() {
    compare(bundles, 20, ROUNDING);
  }

  @Test
  void logits_ofTasksOfOneStructure_areThoseOfHostMemoryButForRounding() {
    List<AdapterBundle> alike = new ArrayList<>();
    for (long member = 1; member <= 9; member++) {
      alike.add(family.member(member));
    }
    compare(alike, 21, ROUNDING);
  }

  @Test
  void logits_asTasksComeAndGo_stayTheSame() {
    try (BareEngine engine = new BareEngine(backbone, Precision.FP32, HOST.onDeviceMemory())) {
      LoadedTask first = engine.add("first", family.member(1));
      List<BareEngine.Asked> batch = List.of(new BareEngine.Asked(first, new long[] {2, 9, 8, 3}));
      float[] expected = engine.run(batch).get(0);
      List<LoadedTask> others = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
          others.add(engine.add("other" + i, family.member(2L + i)));
          assertThat(engine.run(batch).get(0)).isEqualTo(expected);
        }
        others.forEach(engine::remove);
        others.clear();
        assertThat(engine.run(batch).get(0)).isEqualTo(expected);
      }
    }
  }

  private static void compare(List<AdapterBundle> tasks, long seed, double tolerance) {
    List<List<float[]>> expected = logits(tasks, HOST, seed);
    List<List<float[]>> found = logits(tasks, HOST.onDeviceMemory(), seed);
    for (int group = 0; group < expected.size(); group++) {
      for (int row = 0; row < expected.get(group).size(); row++) {
        float[] a = found.get(group).get(row);
        float[] b = expected.get(group).get(row);
        assertThat(a).as("seed %s, group %s, row %s", seed, group, row).hasSameSizeAs(b);
        for (int label = 0; label < b.length; label++) {
          assertThat((double) Math.abs(a[label] - b[label]))
              .as("seed %s, group %s, row %s", seed, group, row)
              .isLessThanOrEqualTo(tolerance);
        }
      }
    }
  }

  private static List<List<float[]>> logits(
      List<AdapterBundle> bundles, OnnxRuntime runtime, long seed) {
    int handles = runtime.openHandles();
    List<List<float[]>> logits = new ArrayList<>();
    try (BareEngine engine = new BareEngine(backbone, Precision.FP32, runtime)) {
      List<LoadedTask> tasks = new ArrayList<>();
      for (AdapterBundle bundle : bundles) {
        tasks.add(engine.add("task" + tasks.size(), bundle));
      }
      batches(tasks, new Random(seed)).forEach(batch -> logits.add(engine.run(batch)));
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
    return logits;
  }

  /** Rows of all lengths for all tasks, some of them the same for several: those share a trunk. */
  private static List<List<BareEngine.Asked>> batches(List<LoadedTask> tasks, Random random) {
    List<List<BareEngine.Asked>> batches = new ArrayList<>();
    for (int size : List.of(1, 7, 2, 12, 3)) {
      List<BareEngine.Asked> batch = new ArrayList<>();
      List<long[]> texts = new ArrayList<>();
      for (int row = 0; row < size; row++) {
        if (row % 3 != 2) {
          texts.add(random.longs(1 + random.nextInt(20), 4, 100).toArray());
        }
        long[] ids = texts.get(random.nextInt(texts.size()));
        batch.add(new BareEngine.Asked(tasks.get(random.nextInt(tasks.size())), ids));
      }
      batches.add(batch);
    }
    return batches;
  }
}
