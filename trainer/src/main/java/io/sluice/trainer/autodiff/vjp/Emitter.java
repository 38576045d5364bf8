package io.sluice.trainer.autodiff.vjp;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes operators into a graph in the form that its opset asks for (13 to 20), and the few idioms
 * all rules share.
 *
 * <p>Every method returns the name of a fresh tensor, or its argument where nothing has to be done.
 * Not thread-safe.
 */
public final class Emitter {

  private final GraphBuilder builder;
  private final Operators operators;

  /** Writes stock operators into this builder. */
  public Emitter(GraphBuilder builder) {
    this(builder, Operators.STOCK);
  }

  /** Writes these operators into this builder. */
  public Emitter(GraphBuilder builder, Operators operators) {
    this.builder = requireNonNull(builder, "builder");
    this.operators = requireNonNull(operators, "operators");
  }

  /** Version of the default operator set. */
  public long opset() {
    return builder.opset();
  }

  // Operators

  /** One node of the default domain with one output. */
  public String op(String op, String... inputs) {
    return builder.node(op, inputs);
  }

  /** One node of the default domain with one output and attributes. */
  public String op(String op, List<String> inputs, Map<String, Attribute> attributes) {
    return builder.node(op, inputs, attributes);
  }

  /** One node with several outputs. */
  public List<String> op(
      String domain,
      String op,
      List<String> inputs,
      int outputs,
      Map<String, Attribute> attributes) {
    return builder.node(domain, op, inputs, outputs, attributes);
  }

  /** Whether {@link #device} may be used for elements of this type. */
  public boolean hasDevice(DataType type) {
    return operators == Operators.DEVICE && type == DataType.FLOAT;
  }

  /** One node of the device's own operators. */
  public String device(String op, String... inputs) {
    return op(Node.SLUICE, op, List.of(inputs), 1, Map.of()).get(0);
  }

  /** a + b. */
  public String add(String a, String b) {
    return op("Add", a, b);
  }

  /** a - b. */
  public String sub(String a, String b) {
    return op("Sub", a, b);
  }

  /** a b. */
  public String mul(String a, String b) {
    return op("Mul", a, b);
  }

  /** a / b. */
  public String div(String a, String b) {
    return op("Div", a, b);
  }

  /** factor x; x itself for factor one. */
  public String scale(String x, double factor, DataType type) {
    return factor == 1 ? x : mul(x, scalar(type, factor));
  }

  /** x + term. */
  public String offset(String x, double term, DataType type) {
    return add(x, scalar(type, term));
  }

  /** (1 + x) / 2 for x within -1..1: one node in float32. */
  public String half(String x, DataType type) {
    if (type != DataType.FLOAT) {
      return offset(scale(x, 0.5, type), 0.5, type);
    }
    Map<String, Attribute> line = Map.of("alpha", Attribute.of(0.5f), "beta", Attribute.of(0.5f));
    return op("HardSigmoid", List.of(x), line);
  }

  /** The sum of one or more tensors of equal shape. */
  public String sum(List<String> terms) {
    return switch (terms.size()) {
      case 0 -> throw new IllegalArgumentException("terms: none (expected: at least one)");
      case 1 -> terms.get(0);
      case 2 -> add(terms.get(0), terms.get(1));
      default -> op("Sum", terms.toArray(String[]::new));
    };
  }

  /** x where the condition holds, else zero. */
  public String keepWhere(String condition, String x, DataType type) {
    return op("Where", condition, x, scalar(type, 0));
  }

  /** x with elements converted. */
  public String cast(String x, DataType type) {
    return op("Cast", List.of(x), Map.of("to", Attribute.of((long) type.onnxCode())));
  }

  /** Sum over axes. */
  public String reduceSum(String x, List<Integer> axes, boolean keepDims) {
    return op("ReduceSum", List.of(x, longs(axes)), keep(keepDims));
  }

  /** Mean over axes: they are an attribute before opset 18, an input after. */
  public String reduceMean(String x, List<Integer> axes, boolean keepDims) {
    if (opset() >= 18) {
      return op("ReduceMean", List.of(x, longs(axes)), keep(keepDims));
    }
    Map<String, Attribute> attributes = new HashMap<>(keep(keepDims));
    attributes.put("axes", Attribute.ints(toLongs(axes)));
    return op("ReduceMean", List.of(x), attributes);
  }

  /** x with axes of length one put in; axes count in the result. */
  public String unsqueeze(String x, List<Integer> axes) {
    return axes.isEmpty() ? x : op("Unsqueeze", x, longs(axes));
  }

  /** x with axes of length one taken out. */
  public String squeeze(String x, List<Integer> axes) {
    return axes.isEmpty() ? x : op("Squeeze", x, longs(axes));
  }

  /** x with axis i of the result taken from axis perm[i]. */
  public String transpose(String x, long... perm) {
    return op("Transpose", List.of(x), Map.of("perm", Attribute.ints(perm)));
  }

  /** x in another shape: 0 copies the axis of x, -1 is what is left over. */
  public String reshape(String x, long... shape) {
    return op("Reshape", x, builder.constant(shape));
  }

  /** x repeated up to the shape of another tensor. */
  public String expandLike(String x, String like, TensorFact fact) {
    return op("Expand", x, shapeOf(like, fact));
  }

  /** Columns joined along an axis. */
  public String concat(List<String> parts, int axis) {
    return parts.size() == 1
        ? parts.get(0)
        : op("Concat", parts, Map.of("axis", Attribute.of((long) axis)));
  }

  /** x cut along an axis into known lengths. */
  public List<String> split(String x, int axis, String sizes, int parts) {
    return op("", "Split", List.of(x, sizes), parts, Map.of("axis", Attribute.of((long) axis)));
  }

  /** x with zeros around: {@code pads} holds the counts before each axis, then those after each. */
  public String pad(String x, String pads, DataType type) {
    return op("Pad", x, pads, scalar(type, 0));
  }

  /** The target with slices of updates added at index tuples, which may repeat. */
  public String scatterAdd(String target, String tuples, String updates) {
    requireAddingScatter();
    return op(
        "ScatterND", List.of(target, tuples, updates), Map.of("reduction", Attribute.of("add")));
  }

  /** The target with each update added where its index says along an axis; of equal shapes. */
  public String scatterAdd(String target, int axis, String indices, String updates) {
    requireAddingScatter();
    return op(
        "ScatterElements",
        List.of(target, indices, updates),
        Map.of("axis", Attribute.of((long) axis), "reduction", Attribute.of("add")));
  }

  private void requireAddingScatter() {
    if (opset() < 16) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "opset: " + opset() + " (expected: >= 16, which has adding scatters)");
    }
  }

  /** 0, 1, ..., count - 1 as int64, for a scalar count. */
  public String range(String count) {
    String zero = builder.constant(TensorData.scalar(0L));
    return op("Range", zero, count, builder.constant(TensorData.scalar(1L)));
  }

  /** One where the class is and zero elsewhere, along a new axis; nothing for classes outside. */
  public String oneHot(String classes, String depth, int axis, DataType type) {
    String values = builder.constant(zeroAndOne(type));
    return op("OneHot", List.of(classes, depth, values), Map.of("axis", Attribute.of((long) axis)));
  }

  /** Softmax along an axis. */
  public String softmax(String x, int axis) {
    return op("Softmax", List.of(x), Map.of("axis", Attribute.of((long) axis)));
  }

  /**
   * alpha op(a) op(b) with the last two axes of an operand swapped on demand; one fused node for
   * float32.
   *
   * @param a shape (..., m, k), or (..., k, m) when transposed
   * @param b shape (..., k, n), or (..., n, k) when transposed
   */
  public String matMul(
      String a,
      int rankA,
      boolean transA,
      String b,
      int rankB,
      boolean transB,
      double alpha,
      DataType type) {
    if (!transA && !transB && alpha == 1) {
      return op("MatMul", a, b);
    }
    if (type == DataType.FLOAT) {
      Map<String, Attribute> attributes = new HashMap<>();
      attributes.put("transA", flag(transA));
      attributes.put("transB", flag(transB));
      attributes.put("alpha", Attribute.of((float) alpha));
      return op(Node.MICROSOFT, "FusedMatMul", List.of(a, b), 1, attributes).get(0);
    }
    // Other element types have no fused kernel on the CPU.
    String left = transA ? swapLast(a, rankA) : a;
    String right = transB ? swapLast(b, rankB) : b;
    return scale(op("MatMul", left, right), alpha, type);
  }

  /** alpha op(a) op(b) of matrices. */
  public String gemm(String a, boolean transA, String b, boolean transB, double alpha) {
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("transA", flag(transA));
    attributes.put("transB", flag(transB));
    attributes.put("alpha", Attribute.of((float) alpha));
    return op("Gemm", List.of(a, b), attributes);
  }

  private String swapLast(String x, int rank) {
    long[] perm = new long[rank];
    for (int i = 0; i < rank; i++) {
      perm[i] = i;
    }
    perm[rank - 2] = rank - 1L;
    perm[rank - 1] = rank - 2L;
    return transpose(x, perm);
  }

  // Shapes

  /** The shape of a tensor as an int64 vector; a constant if no axis is symbolic. */
  public String shapeOf(String x, TensorFact fact) {
    return fact.isKnown() ? builder.constant(fact.shape()) : op("Shape", x);
  }

  /**
   * The length of one axis as an int64 vector of one element; a constant if the axis is not
   * symbolic.
   */
  public String lengthOf(String x, TensorFact fact, int axis) {
    Extent extent = fact.dim(axis);
    return extent.isKnown()
        ? builder.constant(new long[] {extent.size()})
        : op("Gather", op("Shape", x), builder.constant(new long[] {fact.axis(axis)}));
  }

  /** Zeros of another tensor's shape and type. */
  public String zerosLike(String x, TensorFact fact) {
    return zeros(shapeOf(x, fact), fact.type());
  }

  /** Zeros of a shape given as an int64 vector. */
  public String zeros(String shape, DataType type) {
    return op("ConstantOfShape", List.of(shape), Map.of("value", Attribute.of(fill(type, 0, 1))));
  }

  /**
   * g in the shape of x, element for element; without a Shape node if the axes can be told apart.
   */
  public String reshapeLike(String g, TensorFact from, String x, TensorFact to) {
    if (from.dims().equals(to.dims())) {
      return g;
    }
    long[] target = new long[to.rank()];
    int unknown = 0;
    for (int i = 0; i < target.length; i++) {
      Extent extent = to.dim(i);
      if (extent.isKnown()) {
        target[i] = extent.size();
      } else if (i < from.rank() && from.dim(i).equals(extent)) {
        target[i] = 0;
      } else {
        target[i] = -1;
        unknown++;
      }
    }
    return unknown <= 1 ? reshape(g, target) : op("Reshape", g, op("Shape", x));
  }

  /**
   * The adjoint of broadcasting: g, which has shape {@code from}, summed over the axes along which
   * a tensor of shape {@code to} was repeated.
   */
  public String unbroadcast(String g, TensorFact from, TensorFact to) {
    int lead = from.rank() - to.rank();
    List<Integer> leading = new ArrayList<>();
    List<Integer> repeated = new ArrayList<>();
    for (int i = 0; i < from.rank(); i++) {
      if (i < lead) {
        leading.add(i);
      } else if (!from.dim(i).equals(to.dim(i - lead))) {
        repeated.add(i);
      }
    }
    if (repeated.isEmpty() && !leading.isEmpty() && to.rank() == 1 && hasDevice(from.type())) {
      return device("ColumnSum", g);
    }
    if (repeated.isEmpty()) {
      return leading.isEmpty() ? g : reduceSum(g, leading, false);
    }
    List<Integer> axes = new ArrayList<>(leading);
    axes.addAll(repeated);
    return squeeze(reduceSum(g, axes, true), leading);
  }

  // Constants

  /** A scalar of the given real type. */
  public String scalar(DataType type, double value) {
    return builder.constant(fill(type, value));
  }

  /** A tensor of ones, for one without symbolic axes. */
  public String ones(TensorFact fact) {
    return builder.constant(fill(fact.type(), 1, fact.shape()));
  }

  /** An int64 vector. */
  public String longs(long... values) {
    return builder.constant(values);
  }

  private String longs(List<Integer> values) {
    return builder.constant(toLongs(values));
  }

  private static long[] toLongs(List<Integer> values) {
    return values.stream().mapToLong(Integer::longValue).toArray();
  }

  private static Attribute flag(boolean value) {
    return Attribute.of(value ? 1L : 0L);
  }

  private static Map<String, Attribute> keep(boolean keepDims) {
    return Map.of("keepdims", flag(keepDims));
  }

  private static TensorData zeroAndOne(DataType type) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(fill(type, 0).bytes()).put(fill(type, 1).bytes());
    return TensorData.bytes(type, bytes.flip(), 2);
  }

  /** A tensor of equal real elements; the shape () is a scalar. */
  private static TensorData fill(DataType type, double value, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= Math.toIntExact(size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FLOAT -> bytes.putFloat((float) value);
        case DOUBLE -> bytes.putDouble(value);
        default ->
            throw new IllegalArgumentException("type: " + type + " (expected: FLOAT or DOUBLE)");
      }
    }
    return TensorData.bytes(type, bytes.flip(), shape);
  }
}
