package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What running a graph of the {@link AdapterAbi} costs, counted without running it.
 *
 * <p>Parameters are the elements of all constant tensors but scalars and integers wider than a
 * byte: weights, not the constants of formulas, axes or shapes. A product of matrices (m, k) and
 * (k, n) is 2mkn operations; any other arithmetic is one per element of its largest tensor; moving
 * data is free.
 *
 * @param parameters learned numbers
 * @param flopsPerToken operations that grow with batch times seq, per token
 * @param flopsPerRow operations that grow with batch alone, per row
 * @param exact whether the shape of every tensor could be told; if not, the counts are lower bounds
 */
public record GraphCost(long parameters, long flopsPerToken, long flopsPerRow, boolean exact) {
  private static final Set<DataType> WEIGHTS =
      Set.of(
          DataType.FLOAT,
          DataType.FLOAT16,
          DataType.BFLOAT16,
          DataType.DOUBLE,
          DataType.INT8,
          DataType.UINT8);

  private static final Set<String> FREE =
      Set.of(
          "Cast",
          "CastLike",
          "Concat",
          "Constant",
          "Flatten",
          "Gather",
          "GatherElements",
          "Identity",
          "Reshape",
          "Shape",
          "Size",
          "Slice",
          "Split",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "FusedMatMul",
          "Gemm",
          "FusedGemm",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul");

  /** Counts {@code graph}, whose inputs have batch as axis 0 and seq as axis 1. */
  public static GraphCost of(Graph graph) {
    Map<String, SymbolicShape> shapes = ShapeInference.of(requireNonNull(graph, "graph"));
    long perToken = 0;
    long perRow = 0;
    boolean exact = true;
    for (Node node : graph.nodes()) {
      if (FREE.contains(node.op())) {
        continue;
      }
      SymbolicShape work = work(node, shapes);
      if (work == null || !work.countable()) {
        exact = false;
      } else if (work.perToken()) {
        perToken += work.fixedElements();
      } else if (work.perRow()) {
        perRow += work.fixedElements();
      }
    }
    return new GraphCost(parameters(graph), perToken, perRow, exact);
  }

  /** A shape with as many elements as the node has operations; {@code null} when untold. */
  private static @Nullable SymbolicShape work(Node node, Map<String, SymbolicShape> shapes) {
    SymbolicShape output = shape(node.output(0), shapes);
    if (PRODUCTS.contains(node.op())) {
      SymbolicShape left = shape(node.input(0), shapes);
      if (output == null || left == null) {
        return null;
      }
      boolean transposed = node.intAttribute("transA", 0) != 0;
      long inner = left.dim(left.rank() - (transposed ? 2 : 1));
      return output.with(inner).with(2);
    }
    SymbolicShape largest = output;
    for (String input : node.reads()) {
      SymbolicShape shape = shapes.get(input);
      if (shape == null || largest == null) {
        return null;
      }
      largest = shape.largerOr(largest);
    }
    return largest;
  }

  private static @Nullable SymbolicShape shape(
      @Nullable String tensor, Map<String, SymbolicShape> shapes) {
    return tensor == null ? null : shapes.get(tensor);
  }

  private static long parameters(Graph graph) {
    long count = 0;
    for (TensorData tensor : graph.initializers().values()) {
      count += parameters(tensor);
    }
    for (Node node : graph.nodes()) {
      if (node.is("Constant")) {
        TensorData value = node.tensorAttribute("value");
        count += value == null ? 0 : parameters(value);
        if (node.attribute("value_floats") instanceof Attribute.OfFloats floats) {
          count += floats.values().size();
        }
      }
    }
    return count;
  }

  private static long parameters(TensorData tensor) {
    return tensor.rank() > 0 && WEIGHTS.contains(tensor.type()) ? tensor.elements() : 0;
  }
}
