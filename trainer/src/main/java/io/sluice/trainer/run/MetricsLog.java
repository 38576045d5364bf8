package io.sluice.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.Progress;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Evaluation;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file with one JSON object a line for each step and each evaluation. Goes on where a resumed run
 * does: what the file has of steps that are done again is taken out before. Confined to the
 * training thread.
 *
 * <p>{@code {"type":"step","step","steps","phase","loss","learning_rate","expected_cost",
 * "budget_in_force","open_gates","parameters_open","flops_per_token_open","gates":[P(open) of each
 * candidate],"gradient_norm","elapsed_seconds"}} and {@code {"type":"evaluation","step",
 * "metrics":{name: value},"best"}}; {@code {"type":"probe","metrics"}} comes first, of a linear map
 * without adapters.
 */
public final class MetricsLog implements ProgressListener, AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final String TYPE = "type";
  private static final String STEP = "step";
  private static final String EVALUATION = "evaluation";
  private static final String PROBE = "probe";

  private final Path file;
  private final JsonMapper json = new JsonMapper();
  private @Nullable FileOutputStream out;
  private @Nullable ObjectNode probe;

  MetricsLog(Path file) {
    this.file = file;
  }

  @Override
  public void progressed(Progress progress) {
    if (progress.phase() == Phase.PROBE) {
      return;
    }
    ObjectNode line = json.createObjectNode();
    line.put(TYPE, STEP)
        .put(STEP, progress.step())
        .put("steps", progress.steps())
        .put("phase", progress.phase().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .put("loss", progress.loss())
        .put("learning_rate", progress.learningRate())
        .put("expected_cost", progress.expectedCost())
        .put("budget_in_force", progress.budgetInForce())
        .put("open_gates", progress.openGates())
        .put("parameters_open", progress.parametersOpen())
        .put("flops_per_token_open", progress.flopsPerTokenOpen());
    ArrayNode gates = line.putArray("gates");
    progress.gates().forEach(gate -> gates.add(gate.openProbability()));
    line.put("gradient_norm", progress.gradientNorm())
        .put("elapsed_seconds", progress.elapsedNanos() / NANOS_PER_SECOND);
    write(line, progress.step(), progress.step());
  }

  @Override
  public void probed(Evaluation dev) {
    ObjectNode line = json.createObjectNode().put(TYPE, PROBE);
    line.set("metrics", measures(dev));
    probe = line;
  }

  @Override
  public void evaluated(int step, Evaluation dev, boolean best) {
    ObjectNode line = json.createObjectNode().put(TYPE, EVALUATION).put(STEP, step);
    line.set("metrics", measures(dev));
    line.put("best", best);
    write(line, step + 1, step);
  }

  /** Brings what was written to the disk. */
  void sync() {
    FileOutputStream open = out;
    if (open != null) {
      try {
        open.getFD().sync();
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  @Override
  public void close() {
    FileOutputStream open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  private ObjectNode measures(Evaluation evaluation) {
    ObjectNode measures = json.createObjectNode();
    evaluation.measures().forEach(measures::put);
    return measures;
  }

  /**
   * Writes a line.
   *
   * @param steps if it is the first: what the file has of this step and those behind it goes
   * @param evaluations the same of evaluations
   */
  private void write(ObjectNode line, int steps, int evaluations) {
    try {
      FileOutputStream open = out;
      if (open == null) {
        open = open(steps, evaluations);
        out = open;
      }
      // Not a channel, which an interrupt would close: a run is stopped by one.
      open.write(bytes(line));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private FileOutputStream open(int steps, int evaluations) throws IOException {
    StringBuilder kept = new StringBuilder();
    if (Files.exists(file)) {
      for (String line : content().split("\n", -1)) {
        JsonNode read = parsed(line);
        int limit = EVALUATION.equals(read.path(TYPE).asText()) ? evaluations : steps;
        if (read.path(STEP).asInt(limit) < limit) {
          kept.append(line).append('\n');
        }
      }
    }
    ObjectNode first = probe;
    byte[] probed = first == null ? new byte[0] : bytes(first);
    byte[] rest = kept.toString().getBytes(StandardCharsets.UTF_8);
    byte[] whole = new byte[probed.length + rest.length];
    System.arraycopy(probed, 0, whole, 0, probed.length);
    System.arraycopy(rest, 0, whole, probed.length, rest.length);
    DurableFiles.replace(file, whole);
    return new FileOutputStream(file.toFile(), true);
  }

  private String content() throws IOException {
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A line as JSON; of no step if a crash has cut it off. */
  private JsonNode parsed(String line) {
    try {
      return json.readTree(line);
    } catch (JsonProcessingException e) {
      return json.createObjectNode();
    }
  }

  private byte[] bytes(ObjectNode line) throws JsonProcessingException {
    return (json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private SluiceException failed(IOException e) {
    return new SluiceException(
        ErrorCode.INTERNAL, file + ": " + e + " (expected: a file to write to)", e);
  }
}
