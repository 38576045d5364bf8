package io.sluice.loadtest.bundle;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Digest;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Cost;
import io.sluice.registry.bundle.HeadEntry;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.probe.BundleForward;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A bundle with random weights of the size and form that training gives: sequential bottlenecks at
 * chosen points and a linear head of two labels. Stateless.
 */
public final class RandomBundle {
  /** Names of the weights, as {@link TaskFamily} finds them. */
  static final String DOWN = "w_down";

  static final String INNER_BIAS = "b";
  static final String UP = "w_up";
  static final String HEAD_BIAS = "bias";

  private static final long OPSET = 18;
  private static final String KIND = "bottleneck_sequential";
  private static final int MOST_TOKENS = 128;
  private static final List<String> LABELS = List.of("no", "yes");
  private static final List<String> PROBE_TEXTS =
      List.of(
          "good",
          "the parcel came a day late and the box was wet",
          "who shall answer when the bell rings twice at night ?",
          "they mended the roof before the rain , and it held");

  private RandomBundle() {}

  /** Bottlenecks of rank 16 at all points of the upper half, as a trained task has them. */
  public static AdapterBundle upperHalf(BackboneSessions sessions, OnnxRuntime runtime, long seed) {
    List<Integer> points = new ArrayList<>();
    int last = sessions.backbone().points();
    for (int point = last / 2 + 1; point <= last; point++) {
      points.add(point);
    }
    return of(sessions, runtime, points, 16, seed);
  }

  /**
   * Makes a bundle; equal arguments give equal weights.
   *
   * @param points insertion points with an adapter, ascending
   * @param rank inner width of each
   */
  public static AdapterBundle of(
      BackboneSessions sessions, OnnxRuntime runtime, List<Integer> points, int rank, long seed) {
    Backbone backbone = sessions.backbone();
    Random random = new Random(seed);
    List<PointEntry> structure = new ArrayList<>();
    SortedMap<Integer, Graph> graphs = new TreeMap<>();
    for (int point : points) {
      Graph adapter = bottleneck(backbone.hiddenSize(), rank, random);
      graphs.put(point, adapter);
      structure.add(PointEntry.of(point, KIND, rank, adapter));
    }
    Graph head = head(backbone.hiddenSize(), random);
    Manifest manifest = manifest(backbone, structure, HeadEntry.of("linear", head), seed);
    List<Encoding> rows = rows(backbone, manifest.maxTokens());
    // The reference runs bundles only, so the first one promises logits that are made up.
    AdapterBundle unproven =
        BundleWriter.write(manifest, graphs, head, probe(rows, zeros(rows.size())), Map.of());
    try (BundleForward forward = new BundleForward(sessions, unproven, runtime)) {
      Probe proven = probe(rows, List.of(forward.logits(rows)));
      return BundleWriter.write(manifest, graphs, head, proven, Map.of());
    }
  }

  private static Manifest manifest(
      Backbone backbone, List<PointEntry> structure, HeadEntry head, long seed) {
    return new Manifest(
        BundleFormat.VERSION,
        TaskKind.CLASSIFY,
        LABELS,
        List.of("text"),
        Math.min(MOST_TOKENS, backbone.maxPositions()),
        Pooling.FIRST,
        1.0,
        null,
        backbone.digest(),
        backbone.name(),
        backbone.points(),
        backbone.hiddenSize(),
        structure,
        head,
        Cost.of(structure, head, backbone.points()),
        Map.of(),
        Provenance.here(
            Digest.of("no data: random weights".getBytes(StandardCharsets.UTF_8)),
            seed,
            Map.of("weights", "random"),
            Map.of()));
  }

  private static List<Encoding> rows(Backbone backbone, int maxTokens) {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      return PROBE_TEXTS.stream().map(text -> tokenizer.encode(text, null, maxTokens)).toList();
    }
  }

  private static List<float[]> zeros(int rows) {
    List<float[]> zeros = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      zeros.add(new float[LABELS.size()]);
    }
    return zeros;
  }

  private static Probe probe(List<Encoding> rows, List<float[]> logits) {
    return new Probe(
        rows.stream().map(Encoding::ids).toList(),
        rows.stream().map(Encoding::typeIds).toList(),
        logits);
  }

  /** y + W_up gelu(W_down y + b) + c, y = block output. */
  private static Graph bottleneck(int hidden, int rank, Random random) {
    GraphBuilder b = new GraphBuilder("bottleneck", OPSET);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    String down = b.node("MatMul", y, b.initializer(DOWN, gaussian(random, hidden, rank)));
    String biased = b.node("Add", down, b.initializer(INNER_BIAS, gaussian(random, rank)));
    String active = b.node("com.microsoft", "Gelu", List.of(biased), 1, Map.of()).get(0);
    String up = b.node("MatMul", active, b.initializer(UP, gaussian(random, rank, hidden)));
    String shifted = b.node("Add", up, b.initializer("c", gaussian(random, hidden)));
    b.outputAs(b.node("Add", y, shifted), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return b.build();
  }

  /** A linear layer on the first token's vector. */
  private static Graph head(int hidden, Random random) {
    GraphBuilder b = new GraphBuilder("head", OPSET);
    String states = b.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, hidden));
    String first =
        b.node(
            "Gather",
            List.of(states, b.constant(TensorData.scalar(0L))),
            Map.of("axis", Attribute.of(1L)));
    String weight = b.initializer("weight", gaussian(random, hidden, LABELS.size()));
    String product = b.node("MatMul", first, weight);
    String bias = b.initializer(HEAD_BIAS, gaussian(random, LABELS.size()));
    b.outputAs(b.node("Add", product, bias), AdapterAbi.logits(LABELS.size()));
    return b.build();
  }

  /** Deviation 0.1 / sqrt(first axis): adapters that are felt and leave the flow its size. */
  private static TensorData gaussian(Random random, int... shape) {
    long[] sizes = new long[shape.length];
    int elements = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      sizes[axis] = shape[axis];
      elements *= shape[axis];
    }
    float[] values = new float[elements];
    double deviation = 0.1 / Math.sqrt(shape[0]);
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return TensorData.floats(values, sizes);
  }
}
