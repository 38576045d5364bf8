package io.sluice.trainer.model;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A forward graph, compiled: logits of rows for given weights. Confined to the training thread. */
public final class ForwardSession implements AutoCloseable {
  private final RowForward forward;
  private final HostTensor parameters;

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
    forward = new RowForward(runtime, graph, trunk);
    parameters = HostTensor.floats(runtime, DirectBuffers.floats(size), size);
  }

  /** Logits (rows, labels). */
  public float[][] logits(EncodedRows rows, float[] values) {
    parameters.floats().put(values);
    Map<String, float[][]> made =
        forward.run(
            rows, Map.of(Tensors.PARAMETERS, parameters), List.of(Tensors.LOGITS), count -> {});
    return made.getOrDefault(Tensors.LOGITS, new float[0][]);
  }

  @Override
  public void close() {
    forward.close();
    parameters.close();
  }
}
