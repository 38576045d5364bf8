package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterAbi;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One session over a whole model, and memory for some shapes: the fastest way to run a model that
 * we know of, tensors made once and results written in place. Confined to one thread.
 */
final class PlainModel implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OnnxSession session;
  private final int labels;
  private final List<Shape> shapes = new ArrayList<>();

  /**
   * Compiles the model for one of many sessions: the threads are the runtime's.
   *
   * @param graph with {@code logits} (batch, labels) as its output
   */
  PlainModel(OnnxRuntime runtime, Graph graph, int labels) {
    this(runtime, graph, labels, SessionSettings.defaults());
  }

  private PlainModel(OnnxRuntime runtime, Graph graph, int labels, SessionSettings settings) {
    this.runtime = runtime;
    this.labels = labels;
    this.session = runtime.open(graph, settings);
  }

  /** The same as the only session: with threads of its own on a processor, which is faster. */
  static PlainModel alone(OnnxRuntime runtime, Graph graph, int labels) {
    SessionSettings settings = SessionSettings.defaults();
    return new PlainModel(
        runtime,
        graph,
        labels,
        runtime.settings().device().isCuda()
            ? settings
            : settings.withOwnThreads(runtime.settings().threads()));
  }

  /** Memory for batches of so many rows, each of so many tokens; lives as long as this. */
  Shape shape(int rows, int tokens) {
    Shape shape = new Shape(rows, tokens);
    shapes.add(shape);
    return shape;
  }

  @Override
  public void close() {
    shapes.forEach(Shape::close);
    session.close();
  }

  /** The model at one shape of batch. Confined to one thread. */
  final class Shape {
    private final Map<String, HostTensor> inputs = new HashMap<>();
    private final Map<String, HostTensor> outputs;
    private final int rows;
    private final int tokens;

    private Shape(int rows, int tokens) {
      this.rows = rows;
      this.tokens = tokens;
      for (Value input : session.inputs()) {
        LongBuffer memory = DirectBuffers.longs((long) rows * tokens);
        inputs.put(input.name(), HostTensor.longs(runtime, memory, rows, tokens));
      }
      FloatBuffer logits = DirectBuffers.floats((long) rows * labels);
      this.outputs = Map.of(AdapterAbi.LOGITS, HostTensor.floats(runtime, logits, rows, labels));
      HostTensor mask = inputs.get(AdapterAbi.ATTENTION_MASK);
      if (mask != null) {
        LongBuffer ones = mask.longs();
        while (ones.hasRemaining()) {
          ones.put(1);
        }
      }
    }

    /**
     * Runs a batch.
     *
     * @param batch as many rows as the shape has, each of its length
     * @return the logits (rows, labels), valid until the next run; not to be written to
     */
    FloatBuffer run(List<Encoding> batch) {
      if (batch.size() != rows) {
        throw new IllegalArgumentException("batch: " + batch.size() + " (expected: " + rows + ")");
      }
      HostTensor typeIds = inputs.get("token_type_ids");
      LongBuffer ids = requireNonNull(inputs.get("input_ids")).longs();
      LongBuffer types = typeIds == null ? null : typeIds.longs();
      for (Encoding row : batch) {
        if (row.length() != tokens) {
          throw new IllegalArgumentException(
              "row: " + row.length() + " tokens (expected: " + tokens + ")");
        }
        ids.put(row.ids());
        if (types != null) {
          types.put(row.typeIds());
        }
      }
      return runAgain();
    }

    /** Runs the batch that is in the memory; ids of 0 at first. */
    FloatBuffer runAgain() {
      session.run(inputs, outputs);
      return requireNonNull(outputs.get(AdapterAbi.LOGITS)).floats();
    }

    /** The label with the highest logit of each row, so that results are read as a server does. */
    int[] labels(List<Encoding> batch) {
      FloatBuffer logits = run(batch);
      int[] best = new int[rows];
      for (int row = 0; row < rows; row++) {
        for (int label = 1; label < labels; label++) {
          if (logits.get(row * labels + label) > logits.get(row * labels + best[row])) {
            best[row] = label;
          }
        }
      }
      return best;
    }

    private void close() {
      inputs.values().forEach(HostTensor::close);
      outputs.values().forEach(HostTensor::close);
    }
  }
}
