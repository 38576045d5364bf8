package io.sluice.trainer.compile;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Cost;
import io.sluice.registry.bundle.HeadEntry;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.trainer.model.AdapterKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * Makes bundles from trained tasks, and lets none pass that answers otherwise than its trainer did:
 * the parity gate, see {@link TrainingParity}. What a bundle promises is what its compiled graphs
 * answer, since it is they that are served and checked from then on.
 */
public final class BundleCompiler {
  private final OnnxRuntime runtime;

  public BundleCompiler(OnnxRuntime runtime) {
    this.runtime = requireNonNull(runtime, "runtime");
  }

  /** Compiles a task into a bundle without attachments. */
  public AdapterBundle compile(TrainedTask task, List<Encoding> rows, float[][] logits) {
    return compile(task, rows, logits, manifest -> Map.of());
  }

  /**
   * Compiles a task.
   *
   * @param rows probe rows
   * @param logits what the trainer's own forward says of them, (rows, labels)
   * @param attachments what to attach for people, given what the bundle says of itself
   * @throws io.sluice.backbone.SluiceException {@code FAILED_PRECONDITION} if the bundle, run as it
   *     is served, says anything else, has adapters without effect or rows that depend on others
   */
  public AdapterBundle compile(
      TrainedTask task,
      List<Encoding> rows,
      float[][] logits,
      Function<Manifest, Map<String, byte[]>> attachments) {
    TaskGraphs graphs = new TaskGraphs(task);
    SortedMap<Integer, Graph> points = graphs.points();
    Graph head = graphs.head();
    Manifest manifest = manifest(task, graphs, head);
    List<float[]> trained = List.of(logits);
    AdapterBundle unproven =
        BundleWriter.write(manifest, points, head, probe(rows, trained), Map.of());
    try (BackboneSessions sessions =
        BackboneSessions.open(
            task.backbone(), runtime, SessionSettings.defaults(), manifest.precision())) {
      List<float[]> compiled = ProbeCheck.answers(sessions, unproven, runtime);
      TrainingParity.require(manifest, compiled, trained);
      AdapterBundle bundle =
          BundleWriter.write(
              manifest, points, head, probe(rows, compiled), attachments.apply(manifest));
      ProbeCheck.run(sessions, bundle, runtime);
      return bundle;
    }
  }

  private static Manifest manifest(TrainedTask task, TaskGraphs graphs, Graph head) {
    List<PointEntry> structure = new ArrayList<>();
    for (StaticAdapter adapter : graphs.adapters()) {
      AdapterKind kind = adapter.kind();
      structure.add(
          PointEntry.of(adapter.point(), kind.code(), kind.rank(), graphs.alone(adapter)));
    }
    HeadEntry headEntry = HeadEntry.of(task.head().code(), head);
    return new Manifest(
        BundleFormat.VERSION,
        task.kind(),
        task.labels(),
        task.textFields(),
        task.maxTokens(),
        task.head().pooling(),
        task.decision().temperature(),
        task.decision().threshold(),
        task.backbone().digest(),
        task.backbone().name(),
        task.backbone().points(),
        task.backbone().hiddenSize(),
        structure,
        headEntry,
        Cost.of(structure, headEntry, task.backbone().points()),
        task.metrics(),
        task.provenance());
  }

  private static Probe probe(List<Encoding> rows, List<float[]> logits) {
    return new Probe(
        rows.stream().map(Encoding::ids).toList(),
        rows.stream().map(Encoding::typeIds).toList(),
        logits);
  }
}
