package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OpsetUpgrade;
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
 * The floor: the untouched backbone and a head as one graph in one plain session, weights inside.
 * Confined to one thread.
 */
final class PlainModel implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OnnxSession session;
  private final int labels;

  /**
   * Compiles the model.
   *
   * @param labels number of logits of a row
   */
  PlainModel(Backbone backbone, Graph head, int labels, OnnxRuntime runtime) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.labels = labels;
    this.session = runtime.open(merge(backbone, head), SessionSettings.defaults());
  }

  /** Tensors for a batch of rows of equal length, to be run any number of times. */
  Batch batch(List<Encoding> rows) {
    return new Batch(rows);
  }

  @Override
  public void close() {
    session.close();
  }

  private static Graph merge(Backbone backbone, Graph headAsGiven) {
    long opset = Math.max(backbone.whole().opset(), headAsGiven.opset());
    Graph whole = OpsetUpgrade.raise(backbone.whole(), opset);
    Graph head = OpsetUpgrade.raise(headAsGiven, opset);
    Map<String, Long> opsets = new HashMap<>(whole.opsets());
    opsets.putIfAbsent(Node.MICROSOFT, 1L);
    GraphBuilder b = new GraphBuilder("plain", opsets);
    Map<String, String> inputs = new HashMap<>();
    whole.inputs().forEach(input -> inputs.put(input.name(), b.input(input)));
    Map<String, String> known = new HashMap<>(inputs);
    String hidden = b.append(whole, inputs).get(Backbone.MODEL_OUTPUT);
    known.put(AdapterAbi.HIDDEN, requireNonNull(hidden));
    Map<String, String> binding = new HashMap<>();
    head.inputs()
        .forEach(input -> binding.put(input.name(), requireNonNull(known.get(input.name()))));
    String logits = b.append(head, binding).get(AdapterAbi.LOGITS);
    b.outputAs(requireNonNull(logits), head.outputs().get(0));
    return b.build();
  }

  /** One batch with its tensors. Confined to one thread. */
  final class Batch implements AutoCloseable {
    private final Map<String, HostTensor> inputs = new HashMap<>();
    private final HostTensor logits;

    private Batch(List<Encoding> rows) {
      int seq = rows.get(0).length();
      LongBuffer ids = DirectBuffers.longs((long) rows.size() * seq);
      LongBuffer types = DirectBuffers.longs((long) rows.size() * seq);
      LongBuffer mask = DirectBuffers.longs((long) rows.size() * seq);
      for (Encoding row : rows) {
        ids.put(row.ids());
        types.put(row.typeIds());
        for (int i = 0; i < seq; i++) {
          mask.put(1);
        }
      }
      Map<String, LongBuffer> values =
          Map.of(
              "input_ids",
              ids.flip(),
              "token_type_ids",
              types.flip(),
              "attention_mask",
              mask.flip());
      session
          .inputs()
          .forEach(
              input ->
                  inputs.put(
                      input.name(),
                      HostTensor.longs(
                          runtime, requireNonNull(values.get(input.name())), rows.size(), seq)));
      FloatBuffer out = DirectBuffers.floats((long) rows.size() * labels);
      logits = HostTensor.floats(runtime, out, rows.size(), labels);
    }

    /** The logit of the last run. */
    float logit(int row, int label) {
      return logits.floats().get(row * labels + label);
    }

    void run() {
      session.run(inputs, Map.of(AdapterAbi.LOGITS, logits));
    }

    @Override
    public void close() {
      inputs.values().forEach(HostTensor::close);
      logits.close();
    }
  }
}
