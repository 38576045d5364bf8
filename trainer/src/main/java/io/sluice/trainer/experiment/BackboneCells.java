package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.FullTuningResult;
import io.sluice.trainer.OptimizerSettings;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.SharedRows;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs cells on one backbone, over rows that are read, tokenised and probed once for all cells of a
 * task. Thread-safe.
 */
public final class BackboneCells implements CellTrainer {
  private static final String SAVED = "checkpoints";
  private static final Duration CHECKPOINTS = Duration.ofMinutes(2);

  private final OnnxRuntime runtime;
  private final Trainer trainer;
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
    this.trainer = new Trainer(runtime, new SharedRows());
    this.backbone = requireNonNull(backbone, "backbone");
    this.rows = Map.copyOf(rows);
    this.keep = requireNonNull(keep, "keep");
  }

  @Override
  public CellResult run(CellPlan plan, Path folder, ProgressListener listener) {
    Split split = requireNonNull(rows.get(plan.cell().task()), "rows");
    CellClock clock = new CellClock(System::nanoTime);
    ProgressListener heard = ProgressListener.all(clock, listener);
    return plan.full()
        ? full(plan, split, clock, heard, folder)
        : adapted(plan, split, clock, heard, folder);
  }

  private CellResult full(
      CellPlan plan, Split split, CellClock clock, ProgressListener heard, Path folder) {
    Path saved = folder.resolve(SAVED);
    FullTuningResult result =
        trainer.tuneAll(
            backbone, split.train(), split.dev(), plan.settings(), heard, checkpoints(saved));
    delete(saved);
    CellResult.Size size =
        new CellResult.Size(
            result.parameters(),
            0,
            backbone.parameters(),
            backbone.bodyParameters(),
            Math.min(1, (double) result.parameters() / backbone.parameters()));
    return new Outcome(result.dev(), result.probe(), size, null, List.of())
        .of(plan, time(plan, clock, result.steps(), result.elapsedNanos()), origin(split));
  }

  private CellResult adapted(
      CellPlan plan, Split split, CellClock clock, ProgressListener heard, Path folder) {
    Path saved = folder.resolve(SAVED);
    TrainResult result =
        trainer.train(
            backbone, split.train(), split.dev(), plan.settings(), heard, checkpoints(saved));
    if (keep.bundles()) {
      BundleWriter.save(result.bundle(), folder.resolve("task.bundle"));
    }
    delete(saved);
    TrainResult.ParameterCounts counts = result.parameters();
    CellResult.Size size =
        new CellResult.Size(
            counts.adapters(), counts.head(), counts.backbone(), counts.body(), counts.share());
    List<CellResult.Note> notes =
        result.findings().stream()
            .map(finding -> new CellResult.Note(finding.title(), finding.evidence()))
            .toList();
    return new Outcome(result.dev(), result.probe(), size, structure(result), notes)
        .of(plan, time(plan, clock, result.steps(), result.elapsedNanos()), origin(split));
  }

  /** Saved now and then, and gone on with if it is there in part. */
  private static CheckpointFolder checkpoints(Path saved) {
    return new CheckpointFolder(saved, CHECKPOINTS, System::nanoTime);
  }

  private static CellResult.Structure structure(TrainResult result) {
    Manifest manifest = result.bundle().manifest();
    return new CellResult.Structure(
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
            .toList());
  }

  private CellResult.Time time(CellPlan plan, CellClock clock, int steps, long elapsedNanos) {
    OptimizerSettings optimizer = plan.settings().optimizer();
    return clock.time(
        steps, elapsedNanos, optimizer.batchSize() * optimizer.accumulation(), keep.jobs());
  }

  /** What came out, whichever way it was learned. */
  private record Outcome(
      Evaluation dev,
      Evaluation probe,
      CellResult.Size size,
      CellResult.@Nullable Structure structure,
      List<CellResult.Note> notes) {
    CellResult of(CellPlan plan, CellResult.Time time, Map<String, String> origin) {
      Metric stated = plan.settings().task().metric();
      Metric metric = stated == null ? dev.primary() : stated;
      return new CellResult(
          plan.cell().task(),
          plan.cell().variant(),
          plan.cell().seed(),
          plan.method(),
          metric.code(),
          metric.of(dev),
          metric.of(probe),
          dev.measures(),
          probe.measures(),
          size,
          structure,
          time,
          notes,
          plan.described(),
          origin);
    }
  }

  /** What a run that has come to its end does not need any more. */
  private static void delete(Path saved) {
    if (!Files.exists(saved)) {
      return;
    }
    try (Stream<Path> all = Files.walk(saved)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, saved + ": " + e, e);
    }
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
    origin.put("device", runtime.settings().device().toString());
    origin.put("threads", Integer.toString(runtime.settings().threads()));
    return origin;
  }
}
