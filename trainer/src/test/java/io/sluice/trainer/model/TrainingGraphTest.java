package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a training graph of the embedded encoder does not hold: that is what makes it cheap. */
class TrainingGraphTest {
  private static final Set<String> PRODUCTS = Set.of("MatMul", "FusedMatMul", "Gemm");

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = SluiceMini.load();
  private final int points = backbone.points();
  private final AdaptedGraphs graphs =
      new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.FIRST, 3));

  /** Exact: a gradient for one frozen weight, or for anything below, would be one product more. */
  @Test
  void training_nothingLearnsBelowAPoint_hasOnlyForwardNodesThere() {
    for (int lowest : new int[] {1, points / 4 + 1, points / 2 + 1, points}) {
      List<Candidate> candidates = from(lowest);
      int forward = products(graphs.forward(candidates));
      int backward = products(graphs.training(candidates, true)) - forward;
      int above =
          IntStream.rangeClosed(lowest + 1, points)
              .map(k -> products(backbone.block(k)) + (k % 2 == 1 ? 2 : 0))
              .sum();
      // Each adapter: two forward products have two gradients each; the lowest's input needs none.
      int adapters = 4 * candidates.size() - 1;
      int head = 2;
      assertThat(backward).as("lowest %d", lowest).isEqualTo(above + adapters + head);
    }
  }

  @Test
  void training_lowestPointRises_graphShrinksAndShrinksMoreAboveTheTrunk() {
    int nodes = Integer.MAX_VALUE;
    int nodesAbove = Integer.MAX_VALUE;
    for (int lowest = 1; lowest <= points; lowest += points / 6) {
      List<Candidate> candidates = from(lowest);
      Graph whole = graphs.training(candidates, true);
      Graph above = graphs.training(candidates, true, graphs.trunkDepth(candidates));
      assertThat(whole.nodes().size()).isLessThan(nodes);
      assertThat(above.nodes().size()).isLessThan(nodesAbove).isLessThan(whole.nodes().size());
      assertThat(weights(above)).doesNotContain(weightsOf(backbone.block(lowest)));
      nodes = whole.nodes().size();
      nodesAbove = above.nodes().size();
    }
  }

  /** On a GPU one launch a normalisation; the oracle is what the processor runs. */
  @Test
  void training_fusedNorms_isShorterAndHasTheSameGradients() {
    List<Candidate> candidates = from(points * 2 / 3 + 1);
    Graph simple = graphs.withFusedNorms(false).training(candidates, true);
    Graph fused = graphs.withFusedNorms(true).training(candidates, true);
    assertThat(simple.nodes()).noneMatch(node -> node.is("LayerNormalization"));
    assertThat(fused.nodes().size()).isLessThan(simple.nodes().size() - 12 * candidates.size());
    float[] expected = gradients(simple, candidates);
    float[] found = gradients(fused, candidates);
    assertThat(norm(expected)).isGreaterThan(1e-3);
    for (int i = 0; i < expected.length; i++) {
      expected[i] -= found[i];
    }
    assertThat(norm(expected)).isLessThan(1e-5 * norm(found));
  }

  /** On a GPU the gates are not in the graph; the oracle is the one they are in. */
  @Test
  void step_gatesFolded_hasTheSameLossAndGradients() {
    List<Candidate> candidates = from(points * 2 / 3 + 1);
    ParameterLayout layout = graphs.layout(candidates);
    float[] values = layout.start(1);
    float[] gates = new float[candidates.size()];
    Random random = new Random(6);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.02 * random.nextGaussian());
    }
    for (int i = 0; i < gates.length; i++) {
      gates[i] = i == 1 ? 0 : 0.2f + random.nextFloat();
    }
    EncodedRows rows = new EncodedRows(encodings(), new int[8]);
    float[][] weights = new float[2][layout.size()];
    float[][] ofGates = new float[2][gates.length];
    double[] losses = new double[2];
    for (int form = 0; form < 2; form++) {
      AdaptedGraphs made = graphs.withFusedNorms(form == 1);
      try (TrainingSession session =
          TrainingSession.gated(
              runtime,
              made,
              candidates,
              0,
              Regularisation.none(backbone.hiddenSize(), 3),
              null,
              TrainingSession.settings())) {
        losses[form] = session.step(0, rows, IntStream.range(0, 8).toArray(), values, gates);
        session.gradients(weights[form]);
        session.gateGradients(ofGates[form]);
      }
    }
    assertThat(losses[1]).isCloseTo(losses[0], within(1e-6));
    assertThat(norm(ofGates[0])).isGreaterThan(1e-4);
    assertThat(norm(less(weights[1], weights[0]))).isLessThan(1e-5 * norm(weights[0]));
    assertThat(norm(less(ofGates[1], ofGates[0]))).isLessThan(1e-5 * norm(ofGates[0]));
  }

  private static float[] less(float[] a, float[] b) {
    float[] difference = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  private float[] gradients(Graph graph, List<Candidate> candidates) {
    ParameterLayout layout = graphs.layout(candidates);
    Regularisation none = Regularisation.none(backbone.hiddenSize(), 3);
    float[] values = layout.start(1);
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.02 * random.nextGaussian());
    }
    float[] gates = new float[candidates.size()];
    Arrays.fill(gates, 0.8f);
    EncodedRows rows = new EncodedRows(encodings(), new int[8]);
    try (TrainingSession session =
        new TrainingSession(runtime, graph, layout.size(), gates.length, none)) {
      session.step(0, rows, IntStream.range(0, 8).toArray(), values, gates);
      float[] gradients = new float[layout.size()];
      session.gradients(gradients);
      return gradients;
    }
  }

  private static double norm(float[] values) {
    return Math.sqrt(
        IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum());
  }

  /** Least of several times in turns: other processes make a time longer, never shorter. */
  @Test
  void step_lowestPointRises_takesLess() {
    EncodedRows rows = new EncodedRows(encodings(), new int[8]);
    int[] batch = IntStream.range(0, rows.size()).toArray();
    int[] lowest = {1, points / 2 + 1, points * 5 / 6 + 1};
    long[] nanos = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    List<AutoCloseable> open = new ArrayList<>();
    List<Runnable> steps = new ArrayList<>();
    try {
      for (int point : lowest) {
        List<Candidate> candidates = from(point);
        ParameterLayout layout = graphs.layout(candidates);
        int boundary = point == 1 ? 0 : graphs.trunkDepth(candidates);
        TrunkCache trunk =
            boundary == 0
                ? null
                : new TrunkCache(
                    runtime, backbone, Precision.FP32, boundary, TrunkLimits.defaults());
        TrainingSession session =
            new TrainingSession(
                runtime,
                graphs.training(candidates, false, boundary),
                layout.size(),
                0,
                Regularisation.none(backbone.hiddenSize(), 3),
                trunk);
        open.add(session);
        if (trunk != null) {
          open.add(trunk);
        }
        float[] values = layout.start(1);
        steps.add(() -> session.step(0, rows, batch, values, new float[0]));
      }
      for (int round = 0; round < 8; round++) {
        for (int i = 0; i < lowest.length; i++) {
          long start = System.nanoTime();
          steps.get(i).run();
          nanos[i] = Math.min(nanos[i], System.nanoTime() - start);
        }
      }
    } finally {
      open.forEach(TrainingGraphTest::close);
    }
    // By the number of products 0.48 and 0.15 of a step with everything open.
    assertThat(nanos[1]).as("%s", Arrays.toString(nanos)).isLessThan(nanos[0] * 3 / 4);
    assertThat(nanos[2]).as("%s", Arrays.toString(nanos)).isLessThan(nanos[1] * 3 / 4);
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Encoding> encodings() {
    Random random = new Random(3);
    return IntStream.range(0, 8)
        .mapToObj(i -> random.longs(32, 5, 4000).toArray())
        .map(ids -> new Encoding(ids, new long[ids.length], false))
        .toList();
  }

  private static String[] weightsOf(Graph block) {
    return block.initializers().entrySet().stream()
        .filter(weight -> weight.getValue().elements() > 1000)
        .map(Map.Entry::getKey)
        .toArray(String[]::new);
  }

  private static Set<String> weights(Graph graph) {
    return new HashSet<>(graph.initializers().keySet());
  }

  private List<Candidate> from(int lowest) {
    return SearchSpace.of(
            IntStream.rangeClosed(lowest, points).boxed().toList(),
            List.of(new BottleneckSequential(16)))
        .candidates();
  }

  private static int products(Graph graph) {
    return (int) graph.nodes().stream().map(Node::op).filter(PRODUCTS::contains).count();
  }
}
