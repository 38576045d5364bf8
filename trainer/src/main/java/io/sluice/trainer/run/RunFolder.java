package io.sluice.trainer.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SavedState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The folder of one run: {@code config.toml}, {@code metrics.jsonl}, {@code checkpoints/}, {@code
 * result.json}, {@code report.html}, {@code structure.svg}. Confined to one thread; one process at
 * a time.
 */
public final class RunFolder {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final String METRICS = "metrics.jsonl";
  private static final String CHECKPOINTS = "checkpoints";

  private final Path folder;

  private RunFolder(Path folder) {
    this.folder = requireNonNull(folder, "folder");
  }

  /**
   * A folder for a new run, made if it is not there.
   *
   * @param config the run's configuration, TOML
   * @throws SluiceException {@code ALREADY_EXISTS} if there is a run in it
   */
  public static RunFolder create(Path folder, String config) {
    RunFolder created = new RunFolder(folder);
    if (Files.exists(created.config())) {
      throw new SluiceException(
          ErrorCode.ALREADY_EXISTS,
          "run: " + folder + ": a run is there already (expected: a new folder, or --resume)");
    }
    try {
      Folders.make(folder);
      DurableFiles.replace(created.config(), config.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "run: " + folder + ": " + e + " (expected: a folder to write in)",
          e);
    }
    return created;
  }

  /**
   * The folder of a run that was begun.
   *
   * @throws SluiceException {@code NOT_FOUND} if there is none in it
   */
  public static RunFolder open(Path folder) {
    RunFolder opened = new RunFolder(folder);
    if (!Files.isRegularFile(opened.config())) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          "resume: " + folder + " (expected: a run's folder, with config.toml in it)");
    }
    return opened;
  }

  public Path path() {
    return folder;
  }

  /**
   * Takes the configuration back if no step was made with it, so that the folder can be named again
   * with settings that are mended.
   */
  public void clearUnlessBegun() {
    Path checkpoints = folder.resolve(CHECKPOINTS);
    try {
      if (Files.exists(folder.resolve(METRICS))) {
        return;
      }
      if (Files.isDirectory(checkpoints)) {
        Files.delete(checkpoints);
      }
      Files.deleteIfExists(config());
    } catch (DirectoryNotEmptyException e) {
      // There is something to go on from.
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INTERNAL, folder + ": " + e + " (expected: a folder to write to)", e);
    }
  }

  /** How the run was asked for, TOML. */
  public Path config() {
    return folder.resolve("config.toml");
  }

  /** Where its bundle goes unless another place was named. */
  public Path bundle() {
    return folder.resolve("task.bundle");
  }

  /** A log of the run's figures; close it at the run's end. */
  public MetricsLog metrics() {
    return new MetricsLog(folder.resolve(METRICS));
  }

  /**
   * The run's checkpoints.
   *
   * @param every time between two
   * @param metrics what must be on disk up to a checkpoint
   */
  public Checkpoints checkpoints(Duration every, MetricsLog metrics) {
    Checkpoints kept = new CheckpointFolder(folder.resolve(CHECKPOINTS), every, System::nanoTime);
    return new Checkpoints() {
      @Override
      public Optional<SavedState> newest() {
        return kept.newest();
      }

      @Override
      public boolean due() {
        return kept.due();
      }

      @Override
      public void save(SavedState state) {
        metrics.sync();
        kept.save(state);
      }
    };
  }

  /** Writes down what came of it: {@code result.json} and the report. */
  public void finish(TrainResult result) {
    JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ObjectNode root = json.createObjectNode();
    root.put("method", result.method().word());
    root.put("bundle", result.bundle().digest().toString());
    ObjectNode dev = root.putObject("dev");
    result.dev().measures().forEach(dev::put);
    ObjectNode probe = root.putObject("linear_probe");
    result.probe().measures().forEach(probe::put);
    root.put("cost", result.cost()).put("budget", result.budget()).put("unit", result.unit());
    TrainResult.ParameterCounts counts = result.parameters();
    root.putObject("parameters")
        .put("adapters", counts.adapters())
        .put("head", counts.head())
        .put("backbone", counts.backbone())
        .put("body", counts.body());
    ArrayNode structure = root.putArray("structure");
    for (PointEntry entry : result.bundle().manifest().structure()) {
      structure
          .addObject()
          .put("point", entry.point())
          .put("kind", entry.kind())
          .put("rank", entry.rank())
          .put("parameters", entry.parameters())
          .put("flops_per_token", entry.flopsPerToken());
    }
    root.put("steps", result.steps())
        .put("elapsed_seconds", result.elapsedNanos() / NANOS_PER_SECOND);
    Path file = folder.resolve("result.json");
    try {
      DurableFiles.replace(file, json.writeValueAsBytes(root));
      for (String name : result.bundle().attachmentNames()) {
        byte[] content = result.bundle().attachment(name);
        if (content != null) {
          DurableFiles.replace(folder.resolve(name), content);
        }
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INTERNAL, folder + ": " + e + " (expected: a folder to write to)", e);
    }
  }
}
