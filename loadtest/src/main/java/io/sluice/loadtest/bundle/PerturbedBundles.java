package io.sluice.loadtest.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.probe.ProbeCheck;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Any number of bundles with the structure of one and weights a little beside its own. Each is a
 * bundle of its own: another digest, and a probe computed anew from its weights. Metrics and
 * attachments of the original are left out, as they would not be true.
 *
 * <p>Thread-safe; the sessions stay the caller's.
 */
public final class PerturbedBundles {
  /** Standard deviation of the change, relative to each weight. */
  private static final double RELATIVE_CHANGE = 0.05;

  /** Enough to tell the bundles apart; each row costs a run of the reference per bundle. */
  private static final int PROBE_ROWS = 4;

  private final AdapterBundle original;
  private final BackboneSessions sessions;
  private final OnnxRuntime runtime;

  public PerturbedBundles(AdapterBundle original, BackboneSessions sessions, OnnxRuntime runtime) {
    this.original = requireNonNull(original, "original");
    this.sessions = requireNonNull(sessions, "sessions");
    this.runtime = requireNonNull(runtime, "runtime");
    original.requireBackbone(sessions.backbone());
  }

  /** The bundle of that seed; the same seed always gives the same weights. */
  public AdapterBundle bundle(long seed) {
    Random random = new Random(seed);
    SortedMap<Integer, Graph> points = new TreeMap<>();
    original.points().forEach((point, graph) -> points.put(point, perturbed(graph, random)));
    Graph head = perturbed(original.head(), random);
    Manifest manifest = manifest(seed);
    List<Encoding> rows = ProbeCheck.encodings(original.probe());
    rows = rows.subList(0, Math.min(PROBE_ROWS, rows.size()));
    // The reference runs bundles only, so the first one carries logits that are not its own yet.
    AdapterBundle unproven =
        BundleWriter.write(manifest, points, head, probe(rows, logitsOfOriginal()), Map.of());
    try (BundleForward forward = new BundleForward(sessions, unproven, runtime)) {
      Probe proven = probe(rows, List.of(forward.logits(rows)));
      return BundleWriter.write(manifest, points, head, proven, Map.of());
    }
  }

  private List<float[]> logitsOfOriginal() {
    List<float[]> logits = original.probe().logits();
    return logits.subList(0, Math.min(PROBE_ROWS, logits.size()));
  }

  private Manifest manifest(long seed) {
    Provenance from = original.manifest().provenance();
    Map<String, String> settings = new HashMap<>(from.hyperParameters());
    settings.put("perturbed_from", original.digest().toString());
    return original
        .manifest()
        .unmeasured(
            new Provenance(from.data(), seed, settings, from.versions(), from.jvm(), from.os()));
  }

  /** The same graph with other weights; scalars, shapes and axes stay: they are structure. */
  private static Graph perturbed(Graph graph, Random random) {
    Map<String, TensorData> weights = new TreeMap<>(graph.initializers());
    weights.replaceAll(
        (name, data) ->
            data.type() == DataType.FLOAT && data.rank() > 0 ? perturbed(data, random) : data);
    return new Graph(
        graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), graph.nodes(), weights);
  }

  private static TensorData perturbed(TensorData data, Random random) {
    float[] values = data.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * (1 + RELATIVE_CHANGE * random.nextGaussian()));
    }
    return TensorData.floats(values, data.shape());
  }

  private static Probe probe(List<Encoding> rows, List<float[]> logits) {
    return new Probe(
        rows.stream().map(Encoding::ids).toList(),
        rows.stream().map(Encoding::typeIds).toList(),
        logits);
  }
}
