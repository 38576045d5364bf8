package io.sluice.trainer.compile;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Cost;
import io.sluice.registry.bundle.HeadEntry;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Makes bundles from trained tasks. */
public final class BundleCompiler {

  private static final double TEMPERATURE = 1;

  /**
   * Compiles a task.
   *
   * @param rows probe rows
   * @param logits what the trainer's own forward says of them, (rows, labels)
   */
  public AdapterBundle compile(TrainedTask task, List<Encoding> rows, float[][] logits) {
    TaskGraphs graphs = new TaskGraphs(task);
    SortedMap<Integer, Graph> points = graphs.points();
    Graph head = graphs.head();
    AdapterBundle bundle =
        BundleWriter.write(
            manifest(task, graphs, head), points, head, probe(rows, logits), Map.of());
    return bundle;
  }

  private static Manifest manifest(TrainedTask task, TaskGraphs graphs, Graph head) {
    List<PointEntry> structure = new ArrayList<>();
    for (int owner = 0; owner < task.structure().size(); owner++) {
      Candidate candidate = task.structure().get(owner);
      AdapterKind kind = candidate.kind();
      structure.add(
          PointEntry.of(candidate.point(), kind.code(), kind.rank(), graphs.alone(owner)));
    }
    HeadEntry headEntry = HeadEntry.of("linear", head);
    return new Manifest(
        BundleFormat.VERSION,
        TaskKind.CLASSIFY,
        task.labels(),
        task.textFields(),
        task.maxTokens(),
        task.head().pooling(),
        TEMPERATURE,
        null,
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

  private static Probe probe(List<Encoding> rows, float[][] logits) {
    return new Probe(
        rows.stream().map(Encoding::ids).toList(),
        rows.stream().map(Encoding::typeIds).toList(),
        List.of(logits));
  }
}
