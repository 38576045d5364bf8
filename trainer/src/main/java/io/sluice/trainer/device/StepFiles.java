package io.sluice.trainer.device;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.Folders;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.model.ClassTargets;
import io.sluice.trainer.model.ParameterLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training step as files, so that another framework can make the same step: the backbone's
 * weights, the adapters and the head, and the rows in their order.
 *
 * <p>{@code step.json} says what lies where in {@code weights.bin} (the backbone) and {@code
 * parameters.bin} (what is learned), little-endian floats; {@code rows.bin} holds the token ids of
 * all rows, batch after batch, and then their labels, as little-endian longs.
 */
final class StepFiles {
  private StepFiles() {}

  /**
   * Writes a step.
   *
   * @param folder is made
   * @param start what is learned, before the first step
   * @param losses of the first steps
   */
  static void write(
      Path folder,
      TrainingStep step,
      Backbone backbone,
      TrainingStep.Size size,
      float[] start,
      List<Double> losses) {
    try {
      Folders.make(folder);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("points", backbone.points());
      json.put("hidden", backbone.hiddenSize());
      json.put("rows", size.rows());
      json.put("tokens", size.tokens());
      json.put("lowest", size.lowest());
      json.put("batches", step.allRows().size() / size.rows());
      json.put("gate", TrainingStep.GATE);
      json.put("learning_rate", TrainingStep.LEARNING_RATE);
      json.put("losses", losses);
      json.put("weights", weights(backbone.whole(), folder.resolve("weights.bin")));
      json.put("parameters", parameters(step));
      write(folder.resolve("parameters.bin"), List.of(floats(start)));
      write(folder.resolve("rows.bin"), List.of(rows(step, size)));
      new ObjectMapper().writeValue(folder.resolve("step.json").toFile(), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Map<String, Object>> weights(Graph graph, Path file) throws IOException {
    List<Map<String, Object>> listed = new ArrayList<>();
    List<ByteBuffer> parts = new ArrayList<>();
    long offset = 0;
    for (Map.Entry<String, TensorData> weight : graph.initializers().entrySet()) {
      TensorData data = weight.getValue();
      if (data.type() == DataType.FLOAT) {
        listed.add(Map.of("name", weight.getKey(), "shape", data.shape(), "offset", offset));
        parts.add(data.bytes());
        offset += data.elements();
      }
    }
    write(file, parts);
    return listed;
  }

  private static List<Map<String, Object>> parameters(TrainingStep step) {
    List<Map<String, Object>> listed = new ArrayList<>();
    for (ParameterLayout.Slot slot : step.layout().slots()) {
      boolean head = slot.owner() == ParameterLayout.HEAD;
      listed.add(
          Map.of(
              "point",
              head ? 0 : step.candidates().get(slot.owner()).point(),
              "name",
              slot.spec().name(),
              "shape",
              slot.spec().dims(),
              "offset",
              slot.offset()));
    }
    return listed;
  }

  private static ByteBuffer rows(TrainingStep step, TrainingStep.Size size) {
    List<Encoding> encodings = step.allRows().encodings();
    ByteBuffer longs =
        ByteBuffer.allocate(encodings.size() * (size.tokens() + 1) * Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (Encoding encoding : encodings) {
      for (long id : encoding.ids()) {
        longs.putLong(id);
      }
    }
    ClassTargets labels = (ClassTargets) step.allRows().targets();
    for (int row = 0; row < encodings.size(); row++) {
      longs.putLong(labels.labels()[row]);
    }
    return longs.flip();
  }

  private static ByteBuffer floats(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private static void write(Path file, List<ByteBuffer> parts) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (ByteBuffer part : parts) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    }
  }
}
