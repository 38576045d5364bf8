package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs cells on one backbone, over rows that are read once and shared by all cells of a task.
 * Thread-safe.
 */
public final class BackboneCells implements CellTrainer {
  private final OnnxRuntime runtime;
  private final Backbone backbone;
  private final Map<String, Split> rows;
  private final Keep keep;

  /**
   * What is kept and noted of each run.
   *
   * @param bundles whether the bundle goes into the cell's folder
   * @param jobs how many cells run at a time
   */
  public record Keep(boolean bundles, int jobs) {}

  /**
   * @param rows of each task by name
   */
  public BackboneCells(OnnxRuntime runtime, Backbone backbone, Map<String, Split> rows, Keep keep) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.backbone = requireNonNull(backbone, "backbone");
    this.rows = Map.copyOf(rows);
    this.keep = requireNonNull(keep, "keep");
  }

  @Override
  public CellResult run(CellPlan plan, Path folder, ProgressListener listener) {
    Split split = requireNonNull(rows.get(plan.cell().task()), "rows");
    CellClock clock = new CellClock(System::nanoTime);
    ProgressListener heard = ProgressListener.all(clock, listener);
    TrainResult result =
        new Trainer(runtime).train(backbone, split.train(), split.dev(), plan.settings(), heard);
    if (keep.bundles()) {
      BundleWriter.save(result.bundle(), folder.resolve("task.bundle"));
    }
    return of(plan, split, result, clock);
  }

  private CellResult of(CellPlan plan, Split split, TrainResult result, CellClock clock) {
    TrainSettings settings = plan.settings();
    Metric stated = settings.task().metric();
    Metric metric = stated == null ? result.dev().primary() : stated;
    TrainResult.ParameterCounts counts = result.parameters();
    Manifest manifest = result.bundle().manifest();
    return new CellResult(
        plan.cell().task(),
        plan.cell().variant(),
        plan.cell().seed(),
        plan.described().getOrDefault("method", "learned"),
        metric.code(),
        metric.of(result.dev()),
        metric.of(result.probe()),
        result.dev().measures(),
        result.probe().measures(),
        new CellResult.Size(
            counts.adapters(), counts.head(), counts.backbone(), counts.body(), counts.share()),
        new CellResult.Structure(
            result.unit(),
            result.cost(),
            result.budget(),
            manifest.cost().trunkBlocks(),
            manifest.cost().flopsPerToken(),
            manifest.backbonePoints(),
            manifest.structure().stream()
                .map(
                    entry ->
                        new CellResult.Survivor(
                            entry.point(), entry.kind(), entry.rank(), entry.parameters()))
                .toList()),
        clock.time(
            result.steps(),
            result.elapsedNanos(),
            settings.optimizer().batchSize() * settings.optimizer().accumulation(),
            keep.jobs()),
        result.findings().stream()
            .map(finding -> new CellResult.Note(finding.title(), finding.evidence()))
            .toList(),
        plan.described(),
        origin(split));
  }

  private Map<String, String> origin(Split split) {
    Map<String, String> origin = new TreeMap<>();
    origin.put("backbone", backbone.name());
    origin.put("backbone_digest", backbone.digest().toString());
    origin.put("train_rows", Integer.toString(split.train().size()));
    origin.put("train_digest", split.train().digest().toString());
    origin.put("dev_rows", Integer.toString(split.dev().size()));
    origin.put("dev_digest", split.dev().digest().toString());
    origin.put("onnxruntime", runtime.version());
    origin.put("threads", Integer.toString(runtime.settings().threads()));
    return origin;
  }
}
