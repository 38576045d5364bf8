package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.GradientNorm;
import io.sluice.trainer.testing.RandomEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole training step of a random encoder against libtorch's autograd. */
class TunedGraphsTest {
  private static final Logger LOG = LoggerFactory.getLogger(TunedGraphsTest.class);
  private static final long SEED = 21;
  private static final int LABELS = 3;
  private static final int ROWS = 4;
  private static final int TOKENS = 6;
  private static final int HIDDEN = RandomEncoder.HIDDEN;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = RandomEncoder.make(SEED);
  private final LinearHead head = new LinearHead(Pooling.FIRST, LABELS);
  private final TunedGraphs graphs = new TunedGraphs(runtime, backbone, head);

  @BeforeAll
  static void stayOffTheNetwork() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", Path.of("target", "djl").toAbsolutePath().toString());
  }

  @Test
  void layout_wholeModel_holdsEveryWeightOnceAndNoConstants() {
    Set<String> names = new HashSet<>();
    int size = 0;
    for (ParameterLayout.Slot slot : graphs.layout().slots()) {
      assertThat(names.add(slot.spec().name())).isTrue();
      assertThat(slot.offset()).isEqualTo(size);
      size += slot.spec().size();
    }
    assertThat(size).isEqualTo(graphs.layout().size());
    assertThat(size).isEqualTo(backbone.parameters() + HIDDEN * LABELS + LABELS);
    assertThat(names).contains("word", "position", "layer0.q", "layer1.out", "layer1.norm2.b");
  }

  @Test
  void forward_atTheStart_isTheUntouchedModelWithTheHead() {
    float[] headMap = head();
    EncodedRows rows = rows();
    AdaptedGraphs adapted = new AdaptedGraphs(runtime, backbone, head);
    try (ForwardSession tuned = ForwardSession.of(runtime, graphs);
        ForwardSession untouched =
            new ForwardSession(runtime, adapted.forward(List.of()), headMap.length)) {
      float[][] expected = untouched.logits(rows, headMap);
      float[][] found = tuned.logits(rows, graphs.start(headMap));
      for (int row = 0; row < ROWS; row++) {
        for (int label = 0; label < LABELS; label++) {
          assertThat(Math.abs(found[row][label] - expected[row][label])).isLessThan(1e-5f);
        }
      }
    }
  }

  @Test
  void steps_wordsSentByRows_leaveTheSameWeightsAsTheWholeTableSent() {
    TunedGraphs whole = new TunedGraphs(runtime, backbone, head, false);
    assertThat(whole.wordTable()).isEqualTo(WordTable.NONE);
    assertThat(graphs.wordTable().words()).isEqualTo(11);
    assertThat(graphs.layout().slots()).isEqualTo(whole.layout().slots());
    Learned byRows = learn(graphs);
    Learned sentWhole = learn(whole);
    assertThat(byRows.values).isEqualTo(sentWhole.values);
    assertThat(byRows.values).isNotEqualTo(graphs.start(head()));
    assertThat(byRows.logits).isDeepEqualTo(sentWhole.logits);
  }

  @Test
  void wordTable_readElsewhereToo_isSentWhole() {
    Graph whole = backbone.whole();
    List<Node> nodes = new ArrayList<>(whole.nodes());
    nodes.add(Node.of("Identity", List.of("word"), List.of("copy"), Map.of()));
    Backbone tied =
        new Backbone(
            "tied",
            new Graph(
                whole.name(),
                whole.opsets(),
                whole.inputs(),
                whole.outputs(),
                nodes,
                whole.initializers()),
            backbone.boundaryNames(),
            backbone.context(),
            HIDDEN,
            backbone.maxPositions(),
            List.of(),
            backbone.tokenizerJson());
    assertThat(new TunedGraphs(runtime, tied, head).wordTable()).isEqualTo(WordTable.NONE);
  }

  @Test
  void rateScales_fallFromLayerToLayer() {
    float[] scales = graphs.rateScales(0.5);
    Map<String, Float> of = new HashMap<>();
    for (ParameterLayout.Slot slot : graphs.layout().slots()) {
      of.put(slot.spec().name(), scales[slot.offset()]);
      assertThat(scales[slot.offset() + slot.spec().size() - 1]).isEqualTo(scales[slot.offset()]);
    }
    assertThat(of)
        .containsEntry(LinearHead.WEIGHTS, 1f)
        .containsEntry("layer1.q", 1f)
        .containsEntry("layer1.norm2.b", 1f)
        .containsEntry("layer0.q", 0.5f)
        .containsEntry("layer0.norm2.b", 0.5f)
        .containsEntry("word", 0.25f)
        .containsEntry("position", 0.25f);
  }

  @Test
  void decayed_matricesAndTables_andNothingElse() {
    boolean[] decayed = graphs.layout().decayed();
    for (ParameterLayout.Slot slot : graphs.layout().slots()) {
      assertThat(decayed[slot.offset()])
          .as("%s", slot.spec().name())
          .isEqualTo(slot.spec().shape().size() == 2);
    }
  }

  @Test
  void step_everyWeight_hasLibtorchsGradient() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "libtorch is on the class path for linux-x86_64 only");
    float[] values = graphs.start(head());
    float[] ours = new float[values.length];
    double loss;
    try (TrainingSession session =
        TrainingSession.of(runtime, graphs, Regularisation.none(HIDDEN, LABELS))) {
      loss = session.step(0, rows(), new int[] {0, 1, 2, 3}, values, new float[0]);
      session.gradients(ours);
    }
    Map<String, float[]> theirs = torch(values);
    assertThat(loss).isCloseTo(get(theirs, "loss")[0], org.assertj.core.data.Offset.offset(1e-5));
    double length = 0;
    for (ParameterLayout.Slot slot : graphs.layout().slots()) {
      for (float g : get(theirs, slot.spec().name())) {
        length = Math.max(length, Math.abs(g));
      }
    }
    double worst = 0;
    for (ParameterLayout.Slot slot : graphs.layout().slots()) {
      float[] expected = get(theirs, slot.spec().name());
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(expected[i]));
        difference = Math.max(difference, Math.abs(ours[slot.offset() + i] - expected[i]));
      }
      // A key's bias shifts all scores alike: its gradient is zero but for rounding.
      double relative = difference / Math.max(largest, 1e-3 * length);
      worst = Math.max(worst, relative);
      assertThat(relative).as("%s, seed %d", slot.spec().name(), SEED).isLessThan(1e-4);
      if (!slot.spec().name().endsWith("k.b")) {
        assertThat(largest).as("%s", slot.spec().name()).isGreaterThan(1e-3 * length);
      }
    }
    LOG.info(
        "seed {}: {} weights, largest relative difference from libtorch {}",
        SEED,
        values.length,
        worst);
  }

  /** What a few steps make of the weights, and what they answer then. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record Learned(float[] values, float[][] logits) {}

  private Learned learn(TunedGraphs of) {
    float[] values = of.start(head());
    float[] gradients = new float[values.length];
    AdamW adam =
        new AdamW(AdamW.Settings.withDecay(0.1), of.rateScales(0.5), of.layout().decayed());
    EncodedRows rows = rows();
    try (TrainingSession session =
            TrainingSession.of(runtime, of, Regularisation.none(HIDDEN, LABELS));
        ForwardSession forward = ForwardSession.of(runtime, of)) {
      // Words leave and come back, with padding and without.
      for (int[] batch : new int[][] {{0, 1}, {2, 3, 0}, {3}, {1, 2}}) {
        session.step(0, rows, batch, values, new float[0]);
        session.gradients(gradients);
        GradientNorm.clip(gradients, 0.5);
        adam.update(values, gradients, 0.01);
      }
      return new Learned(values, forward.logits(rows, values));
    }
  }

  private Map<String, float[]> torch(float[] values) {
    try (NDManager manager = NDManager.newBaseManager(null, "PyTorch");
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      Map<String, NDArray> w = new HashMap<>();
      for (ParameterLayout.Slot slot : graphs.layout().slots()) {
        float[] part = new float[slot.spec().size()];
        System.arraycopy(values, slot.offset(), part, 0, part.length);
        NDArray array = manager.create(part, new Shape(slot.spec().dims()));
        array.setRequiresGradient(true);
        w.put(slot.spec().name(), array);
      }
      NDArray loss = loss(manager, w);
      collector.backward(loss);
      Map<String, float[]> found = new HashMap<>();
      found.put("loss", loss.toFloatArray());
      w.forEach((name, array) -> found.put(name, array.getGradient().toFloatArray()));
      return found;
    }
  }

  private static NDArray loss(NDManager manager, Map<String, NDArray> w) {
    long[] ids = new long[ROWS * TOKENS];
    float[] bias = new float[ROWS * TOKENS];
    long[] positions = new long[ROWS * TOKENS];
    List<Encoding> encodings = encodings();
    for (int row = 0; row < ROWS; row++) {
      long[] tokens = encodings.get(row).ids();
      for (int i = 0; i < TOKENS; i++) {
        ids[row * TOKENS + i] = i < tokens.length ? tokens[i] : 0;
        bias[row * TOKENS + i] = i < tokens.length ? 0 : -1e4f;
        positions[row * TOKENS + i] = i;
      }
    }
    Shape shape = new Shape(ROWS, TOKENS);
    NDArray h =
        embedding(manager.create(ids, shape), get(w, "word"))
            .add(embedding(manager.create(positions, shape), get(w, "position")));
    h = norm(h, w, "norm0");
    NDArray mask = manager.create(bias, new Shape(ROWS, 1, 1, TOKENS));
    for (int layer = 0; layer < RandomEncoder.LAYERS; layer++) {
      String name = "layer" + layer + ".";
      NDArray query = split(h, w, name + "q").transpose(0, 2, 1, 3);
      NDArray key = split(h, w, name + "k").transpose(0, 2, 3, 1);
      NDArray value = split(h, w, name + "v").transpose(0, 2, 1, 3);
      double scale = 1 / Math.sqrt((double) HIDDEN / RandomEncoder.HEADS);
      NDArray scores = query.matMul(key).mul((float) scale).add(mask);
      NDArray joined =
          scores.softmax(-1).matMul(value).transpose(0, 2, 1, 3).reshape(ROWS, TOKENS, HIDDEN);
      h = norm(h.add(linear(joined, w, name + "o")), w, name + "norm1");
      NDArray inner = linear(h, w, name + "in").getNDArrayInternal().gelu();
      h = norm(h.add(linear(inner, w, name + "out")), w, name + "norm2");
    }
    NDArray logits = h.get(":, 0").matMul(get(w, LinearHead.WEIGHTS)).add(get(w, LinearHead.BIAS));
    NDArray labels = manager.create(new long[] {0, 1, 2, 1}).expandDims(1);
    return logits.logSoftmax(-1).gather(labels, 1).mean().neg();
  }

  private static NDArray embedding(NDArray ids, NDArray table) {
    return ids.getNDArrayInternal().embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
  }

  private static NDArray split(NDArray x, Map<String, NDArray> w, String name) {
    return linear(x, w, name)
        .reshape(ROWS, TOKENS, RandomEncoder.HEADS, HIDDEN / RandomEncoder.HEADS);
  }

  private static NDArray linear(NDArray x, Map<String, NDArray> w, String name) {
    return x.matMul(get(w, name)).add(get(w, name + ".b"));
  }

  private static NDArray norm(NDArray x, Map<String, NDArray> w, String name) {
    return x.getNDArrayInternal()
        .layerNorm(
            x, new Shape(HIDDEN), get(w, name + ".w"), get(w, name + ".b"), RandomEncoder.EPSILON)
        .singletonOrThrow();
  }

  private static float[] head() {
    Random random = new Random(SEED);
    float[] map = new float[HIDDEN * LABELS + LABELS];
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) (0.5 * random.nextGaussian());
    }
    return map;
  }

  private static EncodedRows rows() {
    return new EncodedRows(encodings(), new int[] {0, 1, 2, 1});
  }

  /** Of different lengths, with words that occur several times. */
  private static List<Encoding> encodings() {
    Random random = new Random(SEED);
    List<Encoding> encodings = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      long[] ids = random.longs(TOKENS - row, 1, 9).toArray();
      encodings.add(new Encoding(ids, new long[ids.length], false));
    }
    return encodings;
  }

  private static <V> V get(Map<String, V> map, String name) {
    return requireNonNull(map.get(name), name);
  }
}
