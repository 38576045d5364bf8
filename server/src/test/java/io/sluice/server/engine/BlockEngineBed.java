package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * An engine over the testing backbone and an oracle for it: each task's own merged model in a plain
 * session, row by row, without padding.
 */
abstract class BlockEngineBed {
  private static final double TOLERANCE = 1e-5;

  final OnnxRuntime runtime = OnnxRuntime.shared();
  final Backbone backbone = TestingBackbone.create();
  final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private final Map<LoadedTask, AdapterBundle> loaded = new LinkedHashMap<>();
  private int handlesBefore;
  BackboneSessions sessions;
  StructureCache structures;
  SharedWeights shared;
  ExpressSessions express;
  final TaskWeights weights = taskWeights();
  BlockEngine engine;

  @BeforeEach
  void open() {
    handlesBefore = runtime.openHandles();
    shared = SharedWeights.on(runtime);
    sessions = BackboneSessions.open(backbone, runtime);
    structures = new StructureCache(runtime, SessionSettings.oneOfMany(), 64 << 20);
    express = express();
    engine = engine();
  }

  final BlockEngine engine() {
    return new BlockEngine(
        sessions,
        0,
        structures,
        weights,
        express,
        trunks(),
        new TrunkCache(1 << 20),
        runtime.memory(),
        System::nanoTime);
  }

  /** With room for the tensors of all tasks of a test. */
  TaskWeights taskWeights() {
    return new TaskWeights(runtime.memory());
  }

  /** None: every row begins with its ids. */
  @Nullable TrunkCache trunks() {
    return null;
  }

  /** None: block by block. */
  ExpressSessions express() {
    return ExpressSessions.of(backbone, Precision.FP32, runtime, shared, 2, 0);
  }

  @AfterEach
  void close_afterEverything_leavesNoNativeHandle() {
    loaded.keySet().forEach(LoadedTask::release);
    engine.close();
    express.close();
    structures.close();
    sessions.close();
    shared.close();
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  /** An adapter that cannot run where the longest row has 20 tokens or fewer. */
  static Graph readsToken20() {
    int hidden = TestingBackbone.HIDDEN;
    GraphBuilder b = new GraphBuilder("late", 18);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    float[] scale = new float[hidden];
    Arrays.fill(scale, 0.5f);
    String scaled = b.node("Mul", y, b.initializer("s", TensorData.floats(scale, hidden)));
    String token = b.node("Gather", List.of(y, b.constant(20L)), Map.of("axis", Attribute.of(1L)));
    b.outputAs(b.node("Add", scaled, token), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return b.build();
  }

  LoadedTask load(String name, AdapterBundle bundle) {
    LoadedTask task = LoadedTask.load(name, bundle, structures, weights);
    loaded.put(task, bundle);
    return task;
  }

  static Row row(LoadedTask task, Tokens tokens) {
    return new Row(task, tokens, System.nanoTime(), Row.NO_DEADLINE);
  }

  static List<Tokens> texts(Random random, int count) {
    List<Tokens> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long[] ids = random.longs(1 + random.nextInt(12), 0, 44).toArray();
      texts.add(new Tokens(ids, new long[ids.length]));
    }
    return texts;
  }

  void requireOracle(List<Row> rows, String what) {
    Map<LoadedTask, MergedModel> oracles = new HashMap<>();
    try {
      for (Row row : rows) {
        MergedModel oracle =
            oracles.computeIfAbsent(
                row.task(), task -> bundles.oracle(requireNonNull(loaded.get(task))));
        float[] expected = oracle.logits(row.tokens().ids(), row.tokens().typeIds());
        float[] found = result(row).logits();
        assertThat(found).as("%s, task %s", what, row.task().name()).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
          assertThat((double) found[i])
              .as("%s, task %s, logit %d", what, row.task().name(), i)
              .isCloseTo(expected[i], within(TOLERANCE));
        }
      }
    } finally {
      oracles.values().forEach(MergedModel::close);
    }
  }

  static RowResult result(Row row) {
    return row.result().join();
  }

  static ErrorCode failure(Row row) {
    try {
      row.result().join();
      throw new AssertionError("row: answered (expected: failed)");
    } catch (CompletionException e) {
      return requireNonNull((SluiceException) e.getCause()).code();
    }
  }
}
