package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A forward graph, compiled: logits of rows for given weights. Confined to the training thread. */
public final class ForwardSession implements AutoCloseable {
  private final RowForward forward;
  private final FlatTensor parameters;
  private final @Nullable WordRows words;
  private final List<String> outputs;

  /**
   * Compiles a graph of {@link AdaptedGraphs#forward}.
   *
   * @param size length of the flat array of weights
   */
  public ForwardSession(OnnxRuntime runtime, Graph graph, int size) {
    this(runtime, graph, size, null);
  }

  /**
   * Compiles a graph of {@link AdaptedGraphs#forward}.
   *
   * @param size length of the flat array of weights
   * @param trunk what feeds a graph that begins above a trunk; stays the caller's
   */
  public ForwardSession(OnnxRuntime runtime, Graph graph, int size, @Nullable TrunkCache trunk) {
    this(
        new RowForward(runtime, graph, trunk),
        new FlatTensor(runtime, size, WordTable.NONE),
        null,
        graph);
  }

  /** Compiles {@link TunedGraphs#forward}. */
  public static ForwardSession of(OnnxRuntime runtime, TunedGraphs graphs) {
    Graph graph = graphs.forward();
    WordRows words = graphs.wordRows();
    return new ForwardSession(
        new RowForward(runtime, graph, words),
        new FlatTensor(runtime, graphs.layout().size(), graphs.wordTable()),
        words,
        graph);
  }

  private ForwardSession(
      RowForward forward, FlatTensor parameters, @Nullable WordRows words, Graph graph) {
    this.forward = forward;
    this.parameters = parameters;
    this.words = words;
    this.outputs = graph.outputs().stream().map(Value::name).toList();
  }

  /**
   * What the head says of each row: a logit a label, or the start logits of the row's tokens and
   * then their end logits.
   */
  public float[][] logits(EncodedRows rows, float[] values) {
    parameters.put(values);
    if (words != null) {
      words.in(values);
    }
    Map<String, float[][]> made =
        forward.run(rows, Map.of(Tensors.PARAMETERS, parameters.tensor()), outputs, count -> {});
    if (outputs.size() == 1) {
      return made.getOrDefault(outputs.get(0), new float[0][]);
    }
    int[] lengths = rows.lengths();
    float[][] joined = new float[lengths.length][];
    for (int row = 0; row < lengths.length; row++) {
      joined[row] = new float[outputs.size() * lengths[row]];
      for (int i = 0; i < outputs.size(); i++) {
        // Without what stands for padding.
        float[] padded = requireNonNull(made.get(outputs.get(i)))[row];
        System.arraycopy(padded, 0, joined[row], i * lengths[row], lengths[row]);
      }
    }
    return joined;
  }

  @Override
  public void close() {
    forward.close();
    parameters.close();
  }
}
