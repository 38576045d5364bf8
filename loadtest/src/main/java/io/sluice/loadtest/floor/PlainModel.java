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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One session and the memory for one shape: the fastest way to run a model that we know of, tensors
 * made once and results written in place. Confined to one thread.
 */
final class PlainModel implements AutoCloseable {
  private final OnnxSession session;
  private final Map<String, HostTensor> inputs = new HashMap<>();
  private final Map<String, HostTensor> outputs;
  private final int rows;
  private final int tokens;
  private final int labels;

  /**
   * @param graph with {@code logits} (batch, labels) as its output
   * @param rows rows of a batch, each of {@code tokens} tokens
   */
  PlainModel(OnnxRuntime runtime, Graph graph, int rows, int tokens, int labels) {
    this.rows = rows;
    this.tokens = tokens;
    this.labels = labels;
    this.session = runtime.open(graph, SessionSettings.defaults());
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
   * @return the logits, valid until the next run; not to be written to
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

  /** Runs once on whatever the memory holds: ids of 0. */
  void warm() {
    session.run(inputs, outputs);
  }

  @Override
  public void close() {
    inputs.values().forEach(HostTensor::close);
    outputs.values().forEach(HostTensor::close);
    session.close();
  }
}
