package io.sluice.backbone;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.HalfFloat;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.DirectBuffers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The form of a graph in which a float32 weight that float16 holds exactly is stored as float16
 * with a Cast behind it: the same model, half the bytes. Both ways are exact.
 */
public final class Float16Weights {
  /** Below this size the Cast costs more than it saves. */
  private static final long SMALLEST_PACKED_ELEMENTS = 64;

  /**
   * A weight up to this size gets memory of its own, so that it does not keep the whole file it was
   * read from.
   */
  private static final long COPIED_BYTES = 1 << 16;

  private static final String PACKED = "@float16";

  private Float16Weights() {}

  /** The graph with every Cast of a float16 weight to float32 replaced by the float32 weight. */
  public static Graph expand(Graph graph) {
    Map<String, TensorData> weights = new HashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String from = node.is("Cast") ? node.input(0) : null;
      String to = node.output(0);
      TensorData half = from == null ? null : graph.initializers().get(from);
      if (half != null
          && to != null
          && half.type() == DataType.FLOAT16
          && node.intAttribute("to", 0) == DataType.FLOAT.onnxCode()) {
        weights.put(to, TensorData.bytes(DataType.FLOAT, widened(half), half.shape()));
      } else {
        nodes.add(node);
      }
    }
    Set<String> read =
        nodes.stream().flatMap(node -> node.reads().stream()).collect(Collectors.toSet());
    graph.outputs().forEach(output -> read.add(output.name()));
    weights.keySet().retainAll(read);
    weights.replaceAll((name, data) -> data.sizeBytes() <= COPIED_BYTES ? copy(data) : data);
    return new Graph(graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, weights);
  }

  /**
   * The graph with every float32 weight that allows it stored as float16; {@link #expand} undoes
   * it.
   */
  static Graph pack(Graph graph) {
    Map<String, TensorData> weights = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    graph
        .initializers()
        .forEach(
            (name, data) -> {
              ByteBuffer half = narrowed(data);
              if (half == null) {
                weights.put(name, data);
                return;
              }
              weights.put(name + PACKED, TensorData.bytes(DataType.FLOAT16, half, data.shape()));
              nodes.add(
                  Node.of(
                      "Cast",
                      List.of(name + PACKED),
                      List.of(name),
                      Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode()))));
            });
    nodes.addAll(graph.nodes());
    return new Graph(graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, weights);
  }

  private static TensorData copy(TensorData data) {
    ByteBuffer own = ByteBuffer.allocate(Math.toIntExact(data.sizeBytes()));
    own.put(data.bytes()).flip();
    return TensorData.bytes(data.type(), own, data.shape());
  }

  private static ByteBuffer widened(TensorData half) {
    short[] from = new short[Math.toIntExact(half.elements())];
    half.bytes().asShortBuffer().get(from);
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = HalfFloat.toFloat(from[i]);
    }
    // Outside the heap, where sessions can read it without a copy of their own.
    ByteBuffer bytes =
        DirectBuffers.bytes((long) to.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(to);
    return bytes;
  }

  /** The values as float16, or null where that would lose anything or is not worth it. */
  private static @Nullable ByteBuffer narrowed(TensorData data) {
    if (data.type() != DataType.FLOAT || data.elements() < SMALLEST_PACKED_ELEMENTS) {
      return null;
    }
    ByteBuffer from = data.bytes();
    ByteBuffer to = ByteBuffer.allocate(from.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      float value = from.getFloat();
      short half = HalfFloat.ofFloat(value);
      if (Float.floatToRawIntBits(HalfFloat.toFloat(half)) != Float.floatToRawIntBits(value)) {
        return null;
      }
      to.putShort(half);
    }
    return to.flip();
  }
}
