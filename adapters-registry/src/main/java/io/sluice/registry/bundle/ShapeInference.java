package io.sluice.registry.bundle;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the shapes of a graph's tensors without running it, as far as they follow from the declared
 * inputs and from constants; the others are absent. Confined to one call.
 */
final class ShapeInference {
  private static final Set<String> SAME_AS_FIRST =
      Set.of(
          "BatchNormalization",
          "BiasSoftmax",
          "Cast",
          "CastLike",
          "Identity",
          "InstanceNormalization",
          "LayerNormalization",
          "LogSoftmax",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "Softmax");

  /**
   * More axes than any operator takes. Without a limit the shapes themselves could be made to fill
   * the memory: a Gather adds the axes of its indices.
   */
  private static final int MAX_RANK = 32;

  private final Graph graph;
  private final Map<String, SymbolicShape> shapes = new HashMap<>();
  private final Map<String, TensorData> constants = new HashMap<>();

  private ShapeInference(Graph graph) {
    this.graph = graph;
  }

  static Map<String, SymbolicShape> of(Graph graph) {
    return new ShapeInference(graph).run();
  }

  private Map<String, SymbolicShape> run() {
    graph.inputs().forEach(input -> put(input.name(), declared(input)));
    graph.initializers().forEach(this::constant);
    for (Node node : graph.nodes()) {
      TensorData value = node.is("Constant") ? node.tensorAttribute("value") : null;
      String output = node.output(0);
      if (output == null) {
        continue;
      }
      if (value != null) {
        constant(output, value);
        continue;
      }
      SymbolicShape shape = shape(node);
      if (shape != null) {
        put(output, shape);
      }
    }
    return shapes;
  }

  private void put(String name, SymbolicShape shape) {
    if (shape.rank() > MAX_RANK) {
      throw new IllegalArgumentException(
          "tensor " + Checks.printable(name) + ": " + shape.rank() + " axes, over " + MAX_RANK);
    }
    shapes.put(name, shape);
  }

  private void constant(String name, TensorData value) {
    constants.put(name, value);
    put(name, new SymbolicShape(value.shape()));
  }

  private static SymbolicShape declared(Value value) {
    long[] dims = new long[value.shape().size()];
    for (int axis = 0; axis < dims.length; axis++) {
      long symbol =
          axis == 0 ? SymbolicShape.BATCH : axis == 1 ? SymbolicShape.SEQ : SymbolicShape.UNKNOWN;
      dims[axis] = value.shape().get(axis) instanceof Dim.Known known ? known.size() : symbol;
    }
    return new SymbolicShape(dims);
  }

  private @Nullable SymbolicShape shape(Node node) {
    SymbolicShape first = of(node.input(0));
    if (first == null) {
      return null;
    }
    return switch (node.op()) {
      case "MatMul",
          "FusedMatMul",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "Gemm",
          "FusedGemm" ->
          product(node, first);
      case "Transpose" -> transposed(node, first);
      case "Unsqueeze" -> unsqueezed(node, first);
      case "Squeeze" -> squeezed(node, first);
      case "Gather" -> gathered(node, first);
      case "Slice" -> sliced(node, first);
      case "Concat" -> concatenated(node, first);
      case "Reshape" -> reshaped(node, first);
      case "Shape" -> new SymbolicShape(first.rank());
      case "Split", "Flatten", "TopK", "ArgMax", "ArgMin", "Size", "GatherElements" -> null;
      default ->
          node.op().startsWith("Reduce")
              ? reduced(node, first)
              : SAME_AS_FIRST.contains(node.op()) ? first : broadcast(node, first);
    };
  }

  private @Nullable SymbolicShape broadcast(Node node, SymbolicShape first) {
    SymbolicShape shape = first;
    for (String input : node.inputs()) {
      SymbolicShape next = of(input);
      if (next == null && !input.isEmpty()) {
        return null;
      }
      shape = next == null ? shape : SymbolicShape.broadcast(shape, next);
    }
    return shape;
  }

  private @Nullable SymbolicShape product(Node node, SymbolicShape first) {
    SymbolicShape second = of(node.input(1));
    if (second == null || first.rank() < 2 || second.rank() < 2) {
      return null;
    }
    long rows = first.dim(node.intAttribute("transA", 0) == 0 ? -2 : -1);
    long columns = second.dim(node.intAttribute("transB", 0) == 0 ? -1 : -2);
    SymbolicShape outer =
        SymbolicShape.broadcast(
            new SymbolicShape(Arrays.copyOf(first.dims(), first.rank() - 2)),
            new SymbolicShape(Arrays.copyOf(second.dims(), second.rank() - 2)));
    return outer.with(rows).with(columns);
  }

  private static @Nullable SymbolicShape transposed(Node node, SymbolicShape first) {
    List<Long> order = node.intsAttribute("perm", List.of());
    long[] dims = new long[first.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = first.dim(order.isEmpty() ? dims.length - 1 - i : index(order, i));
    }
    return new SymbolicShape(dims);
  }

  private static int index(List<Long> values, int i) {
    return i < values.size() ? (int) Math.max(0, Math.min(values.get(i), 64)) : 64;
  }

  private @Nullable SymbolicShape unsqueezed(Node node, SymbolicShape first) {
    long[] axes = axes(node);
    if (axes == null || axes.length != 1) {
      return null;
    }
    int axis = (int) (axes[0] < 0 ? axes[0] + first.rank() + 1 : axes[0]);
    if (axis < 0 || axis > first.rank()) {
      return null;
    }
    return axis == first.rank() ? first.with(1) : first.replace(axis, 1, first.dim(axis));
  }

  private @Nullable SymbolicShape squeezed(Node node, SymbolicShape first) {
    long[] axes = axes(node);
    return axes == null || axes.length != 1 || !within(axes[0], first)
        ? null
        : first.replace((int) axes[0]);
  }

  private @Nullable SymbolicShape gathered(Node node, SymbolicShape first) {
    SymbolicShape indices = of(node.input(1));
    long axis = node.intAttribute("axis", 0);
    return indices == null || !within(axis, first)
        ? null
        : first.replace((int) axis, indices.dims());
  }

  private @Nullable SymbolicShape sliced(Node node, SymbolicShape first) {
    long[] starts = longs(node.input(1));
    long[] ends = longs(node.input(2));
    long[] axes = node.input(3) == null ? new long[] {0} : longs(node.input(3));
    if (starts == null || ends == null || axes == null || node.input(4) != null) {
      return null;
    }
    if (starts.length != 1 || ends.length != 1 || axes.length != 1 || !within(axes[0], first)) {
      return null;
    }
    long size = first.dim((int) axes[0]);
    boolean told = starts[0] >= 0 && ends[0] > starts[0] && (size < 0 || ends[0] <= size);
    return first.replace((int) axes[0], told ? ends[0] - starts[0] : SymbolicShape.UNKNOWN);
  }

  private @Nullable SymbolicShape concatenated(Node node, SymbolicShape first) {
    long axis = node.intAttribute("axis", 0);
    long size = 0;
    for (String input : node.inputs()) {
      SymbolicShape shape = of(input);
      if (shape == null || !within(axis, shape)) {
        return null;
      }
      long part = shape.dim((int) axis);
      size = part < 0 || size < 0 ? SymbolicShape.UNKNOWN : size + part;
    }
    return within(axis, first) ? first.replace((int) axis, size) : null;
  }

  private @Nullable SymbolicShape reshaped(Node node, SymbolicShape first) {
    long[] target = longs(node.input(1));
    if (target == null) {
      return null;
    }
    long[] dims = new long[target.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = target[i] == 0 ? first.dim(i) : target[i] < 0 ? SymbolicShape.UNKNOWN : target[i];
    }
    return new SymbolicShape(dims);
  }

  private @Nullable SymbolicShape reduced(Node node, SymbolicShape first) {
    long[] axes = axes(node);
    if (axes == null || axes.length != 1 || !within(axes[0], first)) {
      return null;
    }
    return node.intAttribute("keepdims", 1) == 1
        ? first.replace((int) axes[0], 1)
        : first.replace((int) axes[0]);
  }

  /** Axes by attribute (old opsets) or by a constant second input. */
  private long @Nullable [] axes(Node node) {
    List<Long> attribute = node.intsAttribute("axes", List.of());
    return attribute.isEmpty()
        ? longs(node.input(1))
        : attribute.stream().mapToLong(Long::longValue).toArray();
  }

  /** The constant when it can be axes or a shape, one number for each axis. */
  private long @Nullable [] longs(@Nullable String tensor) {
    TensorData value = tensor == null ? null : constants.get(tensor);
    return value == null || value.type() != DataType.INT64 || value.elements() > MAX_RANK
        ? null
        : value.toLongs();
  }

  private @Nullable SymbolicShape of(@Nullable String tensor) {
    return tensor == null ? null : shapes.get(tensor);
  }

  private static boolean within(long axis, SymbolicShape shape) {
    return axis >= -shape.rank() && axis < shape.rank();
  }
}
