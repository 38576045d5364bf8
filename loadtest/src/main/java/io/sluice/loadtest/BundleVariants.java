package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.probe.ProbeCheck;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Bundles of the structure of a given one, with other weights and probe vectors that are true for
 * them: as many tasks as a measurement needs. Confined to one thread.
 */
public final class BundleVariants {
  private static final double CHANGE = 0.01;

  private final AdapterBundle original;
  private final BackboneSessions sessions;
  private final OnnxRuntime runtime;

  /**
   * Takes what the variants are made of.
   *
   * @param sessions of the bundle's backbone; must stay open as long as this is used
   */
  public BundleVariants(AdapterBundle original, BackboneSessions sessions, OnnxRuntime runtime) {
    this.original = requireNonNull(original, "original");
    this.sessions = requireNonNull(sessions, "sessions");
    this.runtime = requireNonNull(runtime, "runtime");
  }

  /** The variant of {@code seed}; the same seed gives the same bundle. */
  public AdapterBundle variant(long seed) {
    Random random = new Random(seed);
    SortedMap<Integer, Graph> points = new TreeMap<>();
    original.points().forEach((point, graph) -> points.put(point, changed(graph, random)));
    Graph head = changed(original.head(), random);
    AdapterBundle draft =
        BundleWriter.write(original.manifest(), points, head, original.probe(), Map.of());
    try (BundleForward forward = new BundleForward(sessions, draft, runtime)) {
      float[][] logits = forward.logits(ProbeCheck.encodings(original.probe()));
      Probe probe = new Probe(original.probe().ids(), original.probe().typeIds(), List.of(logits));
      return BundleWriter.write(original.manifest(), points, head, probe, Map.of());
    }
  }

  private static Graph changed(Graph graph, Random random) {
    Map<String, TensorData> weights = new TreeMap<>();
    graph
        .initializers()
        .forEach(
            (name, data) ->
                weights.put(
                    name,
                    data.type() == DataType.FLOAT && data.rank() > 0
                        ? changed(data, random)
                        : data));
    return new Graph(
        graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), graph.nodes(), weights);
  }

  private static TensorData changed(TensorData data, Random random) {
    float[] values = data.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) (1 + CHANGE * random.nextGaussian());
    }
    return TensorData.floats(values, data.shape());
  }
}
