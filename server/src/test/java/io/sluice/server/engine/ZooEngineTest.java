package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.testing.TestingExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine on every export of the zoo, whatever masks, positions and biases its blocks take.
 * Oracle: the reference forward of each bundle, one unpadded row at a time.
 */
class ZooEngineTest {
  private static final double TOLERANCE = 1e-5;
  private static final byte[] TOKENIZER = "{}".getBytes(StandardCharsets.UTF_8);
  private static final int VOCABULARY = 90;
  private static final long SEED = 11;

  static List<Path> models() throws IOException {
    Path zoo =
        Stream.of("../shared/zoo", "../../shared/zoo")
            .map(Path::of)
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(Path.of("absent"));
    assumeTrue(Files.isDirectory(zoo), "../shared/zoo is not there");
    try (Stream<Path> files = Files.list(zoo)) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void run_mixedBatchWithSharedTexts_equalsTheReferenceForward(Path model) {
    OnnxRuntime runtime = OnnxRuntime.shared();
    int handlesBefore = runtime.openHandles();
    Backbone backbone =
        BackboneImporter.cut(
            model.getFileName().toString(), OnnxFormat.read(model), TOKENIZER, runtime);
    Random random = new Random(SEED);
    TaskWeights weights = new TaskWeights(runtime.memory());
    try (SharedWeights shared = SharedWeights.on(runtime);
        BackboneSessions sessions =
            BackboneSessions.open(backbone, shared, SessionSettings.oneOfMany(), Precision.FP32);
        StructureCache structures =
            new StructureCache(runtime, SessionSettings.oneOfMany(), 16 << 20);
        ExpressSessions express =
            new ExpressSessions(
                backbone,
                Precision.FP32,
                shared,
                2,
                16 << 20,
                1,
                false,
                new TestingExecutor(),
                () -> 0);
        BlockEngine engine =
            new BlockEngine(
                sessions,
                0,
                structures,
                weights,
                express,
                null,
                new TrunkCache(1 << 20),
                runtime.memory(),
                System::nanoTime)) {
      Map<LoadedTask, AdapterBundle> tasks = new HashMap<>();
      int[][] points = {{1}, {3, 4}, {backbone.points()}, {}};
      for (int i = 0; i < points.length; i++) {
        AdapterBundle bundle = bundle(backbone, i, points[i]);
        tasks.put(LoadedTask.load("task" + i, bundle, structures, weights), bundle);
      }
      List<Row> rows = new ArrayList<>();
      List<Row> again = new ArrayList<>();
      for (int text = 0; text < 4; text++) {
        long[] ids = random.longs(3 + 3L * text, 5, VOCABULARY).toArray();
        Tokens tokens = new Tokens(ids, new long[ids.length]);
        for (LoadedTask task : tasks.keySet()) {
          if (random.nextInt(4) > 0) {
            rows.add(new Row(task, tokens, System.nanoTime(), Row.NO_DEADLINE));
            again.add(new Row(task, tokens, System.nanoTime(), Row.NO_DEADLINE));
          }
        }
      }
      engine.run(rows, true);
      requireReference(rows, tasks, sessions, runtime);
      // By now the legs have sessions of their own, and then so has the way of each task.
      for (int run = 0; run < 2; run++) {
        engine.run(again, true);
        requireReference(again, tasks, sessions, runtime);
        for (LoadedTask task : tasks.keySet()) {
          List<Row> own = new ArrayList<>();
          rows.stream()
              .filter(row -> row.task() == task)
              .forEach(
                  row -> own.add(new Row(task, row.tokens(), System.nanoTime(), Row.NO_DEADLINE)));
          if (!own.isEmpty()) {
            engine.run(own, true);
            requireReference(own, tasks, sessions, runtime);
          }
        }
      }
      assertThat(express.stats().runs()).isPositive();
      assertThat(express.stats().failed()).isZero();
      tasks.keySet().forEach(LoadedTask::release);
    }
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  private static void requireReference(
      List<Row> rows,
      Map<LoadedTask, AdapterBundle> tasks,
      BackboneSessions sessions,
      OnnxRuntime runtime) {
    tasks.forEach(
        (task, bundle) -> {
          try (BundleForward reference = new BundleForward(sessions, bundle, runtime)) {
            for (Row row : rows) {
              if (row.task() == task) {
                Tokens tokens = row.tokens();
                Encoding encoding = new Encoding(tokens.ids(), tokens.typeIds(), false);
                float[] expected = reference.logits(List.of(encoding))[0];
                float[] found = row.result().join().logits();
                for (int i = 0; i < expected.length; i++) {
                  assertThat(Math.abs((double) found[i] - expected[i]))
                      .as("seed %d, task %s, %d tokens", SEED, task.name(), tokens.length())
                      .isLessThanOrEqualTo(TOLERANCE * Math.max(1, Math.abs(expected[i])));
                }
              }
            }
          }
        });
  }

  private static AdapterBundle bundle(Backbone backbone, int seed, int... points) {
    TestingBundles builder =
        TestingBundles.on(
                backbone.digest(), backbone.name(), backbone.points(), backbone.hiddenSize())
            .pooling(seed % 2 == 0 ? Pooling.FIRST : Pooling.MEAN)
            .seed(seed);
    for (int point : points) {
      builder.adaptAt(point, 4);
    }
    return builder.build();
  }
}
