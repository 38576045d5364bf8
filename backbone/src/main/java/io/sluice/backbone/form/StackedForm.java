package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A graph over rows, each row with weights of its own: many sets of weights lie one behind another
 * in what were the inputs for one set, and a further input tells for each row which is its own. So
 * rows of many tasks are one run.
 *
 * <p>Only graphs can be brought to this form in which weights meet rows in the operators that
 * adapters are made of. Confined to one thread.
 */
public final class StackedForm {
  /** The input that tells each row's set of weights: INT64 (rows). */
  public static final String SLOTS = "slots";

  private static final long FIRST_OPSET_WITH_AXES_AS_INPUTS = 13;
  private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");
  private static final Set<String> UNARY =
      Set.of(
          "Identity", "Cast", "Gelu", "FastGelu", "Relu", "Tanh", "Erf", "Sigmoid", "Sqrt", "Neg");
  private static final Set<String> OTHER_AXES =
      Set.of("Slice", "Squeeze", "Unsqueeze", "ReduceSum", "ReduceMean");

  /** What is known of a tensor whose first axis is the rows; the rank counts that axis. */
  private record Known(boolean weight, int rank) {}

  private final Graph graph;
  private final Map<String, Known> known = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, TensorData> constants;
  private final Set<String> names = new HashSet<>();
  private boolean possible = true;

  private StackedForm(Graph graph, Set<String> weights) {
    this.graph = graph;
    this.constants = new TreeMap<>(graph.initializers());
    for (Value input : graph.inputs()) {
      names.add(input.name());
      if (!weights.contains(input.name())) {
        known.put(input.name(), new Known(false, input.shape().size()));
      }
    }
    graph.nodes().forEach(node -> names.addAll(node.writes()));
    names.addAll(constants.keySet());
  }

  /**
   * The graph in this form; empty where that cannot be.
   *
   * @param graph all inputs but {@code weights} have the rows as their first axis
   * @param weights inputs that take weights: here they get one more axis, the first
   */
  public static Optional<Graph> of(Graph graph, Set<String> weights) {
    requireNonNull(weights, "weights");
    if (graph.opset() < FIRST_OPSET_WITH_AXES_AS_INPUTS || weights.contains(SLOTS)) {
      return Optional.empty();
    }
    return new StackedForm(graph, weights).stacked(weights);
  }

  private Optional<Graph> stacked(Set<String> weights) {
    List<Value> inputs = new ArrayList<>();
    Map<String, String> own = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (!weights.contains(input.name())) {
        inputs.add(input);
        continue;
      }
      List<Dim> dims = new ArrayList<>(input.shape());
      dims.add(0, new Dim.Symbol("sets"));
      inputs.add(new Value(input.name(), input.type(), dims));
      String gathered =
          add("Gather", List.of(input.name(), SLOTS), Map.of("axis", Attribute.of(0L)));
      own.put(input.name(), gathered);
      known.put(gathered, new Known(true, dims.size()));
    }
    inputs.add(Value.of(SLOTS, DataType.INT64, "rows"));
    for (Node node : graph.nodes()) {
      List<String> reads =
          node.inputs().stream().map(name -> own.getOrDefault(name, name)).toList();
      take(
          new Node(
              node.domain(), node.op(), node.name(), reads, node.outputs(), node.attributes()));
      if (!possible) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Graph(graph.name(), graph.opsets(), inputs, graph.outputs(), nodes, constants));
  }

  private void take(Node node) {
    boolean weighted = node.inputs().stream().anyMatch(this::isWeight);
    if (ELEMENTWISE.contains(node.op())) {
      elementwise(node);
    } else if (node.is("MatMul") && weighted) {
      product(node);
    } else if (weighted) {
      possible = false;
    } else {
      nodes.add(node);
      follow(node);
    }
  }

  private void elementwise(Node node) {
    String left = node.inputs().get(0);
    String right = node.inputs().get(1);
    if (!isWeight(left) && !isWeight(right)) {
      nodes.add(node);
      Known rows = withoutWeights(left, right);
      if (rows != null) {
        known.put(node.outputs().get(0), rows);
      }
      return;
    }
    int leftRank = rankBesideRows(left);
    int rightRank = rankBesideRows(right);
    int rank = Math.max(leftRank, rightRank);
    // Where rows meet a weight, they alone must have all the axes: else there would be more.
    boolean rowsAreFewer = (isRows(left) && leftRank < rank) || (isRows(right) && rightRank < rank);
    if (leftRank == 0 || rightRank == 0 || rowsAreFewer) {
      possible = false;
      return;
    }
    List<String> reads = List.of(widened(left, rank), widened(right, rank));
    nodes.add(
        new Node(node.domain(), node.op(), node.name(), reads, node.outputs(), node.attributes()));
    known.put(node.outputs().get(0), new Known(!isRows(left) && !isRows(right), rank));
  }

  /** Rows and rows, or rows and a constant that lines up with their last axes. */
  private @Nullable Known withoutWeights(String left, String right) {
    Known a = known.get(left);
    Known b = known.get(right);
    if (a != null && b != null) {
      return a.rank == b.rank ? a : null;
    }
    Known rows = a == null ? b : a;
    TensorData constant = constants.get(a == null ? left : right);
    return rows != null && constant != null && constant.rank() < rows.rank ? rows : null;
  }

  /** The axes of a tensor, the rows' counted for those that have none; 0 where not known. */
  private int rankBesideRows(String tensor) {
    Known of = known.get(tensor);
    TensorData constant = constants.get(tensor);
    return of != null ? of.rank : constant != null ? constant.rank() + 1 : 0;
  }

  private void product(Node node) {
    Known left = known.get(node.inputs().get(0));
    Known right = known.get(node.inputs().get(1));
    if (left == null || left.weight || right == null || !right.weight || right.rank != 3) {
      possible = false;
      return;
    }
    String output = node.outputs().get(0);
    if (left.rank == 3) {
      nodes.add(node);
      known.put(output, new Known(false, 3));
    } else if (left.rank == 2) {
      // One vector a row: a matrix of one line.
      String axis = constant(1L);
      String line = add("Unsqueeze", List.of(node.inputs().get(0), axis), Map.of());
      String product = add("MatMul", List.of(line, node.inputs().get(1)), Map.of());
      nodes.add(new Node("", "Squeeze", "", List.of(product, axis), List.of(output), Map.of()));
      known.put(output, new Known(false, 2));
    } else {
      possible = false;
    }
  }

  /** Notes where the rows are in what a node without weights gives. */
  private void follow(Node node) {
    Known of = node.inputs().isEmpty() ? null : known.get(node.inputs().get(0));
    if (of == null) {
      return;
    }
    String output = node.outputs().get(0);
    if (UNARY.contains(node.op())) {
      known.put(output, of);
    } else if (OTHER_AXES.contains(node.op())) {
      int at = node.is("Slice") ? 3 : 1;
      TensorData axes = node.inputs().size() > at ? constants.get(node.inputs().get(at)) : null;
      if (axes == null || Arrays.stream(axes.toLongs()).anyMatch(axis -> axis < 1)) {
        return;
      }
      int count = Math.toIntExact(axes.elements());
      boolean kept =
          node.is("Slice")
              || (node.op().startsWith("Reduce") && node.intAttribute("keepdims", 1) == 1);
      int rank = kept ? of.rank : node.is("Unsqueeze") ? of.rank + count : of.rank - count;
      known.put(output, new Known(false, rank));
    } else if (node.is("Gather") && node.intAttribute("axis", 0) >= 1) {
      TensorData index = constants.get(node.inputs().get(1));
      if (index != null) {
        known.put(output, new Known(false, of.rank - 1 + index.rank()));
      }
    }
  }

  /** A weight lines up with the last axes of what it meets; between them and the rows come ones. */
  private String widened(String tensor, int rank) {
    Known of = known.get(tensor);
    if (of == null || !of.weight || of.rank == rank) {
      return tensor;
    }
    long[] axes = new long[rank - of.rank];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i + 1L;
    }
    return add("Unsqueeze", List.of(tensor, constant(axes)), Map.of());
  }

  private boolean isRows(String tensor) {
    Known of = known.get(tensor);
    return of != null && !of.weight;
  }

  private boolean isWeight(String tensor) {
    Known of = known.get(tensor);
    return of != null && of.weight;
  }

  private String constant(long... values) {
    String name = fresh();
    constants.put(name, TensorData.longs(values, values.length));
    return name;
  }

  private String add(String op, List<String> reads, Map<String, Attribute> attributes) {
    String output = fresh();
    nodes.add(new Node("", op, "", reads, List.of(output), attributes));
    return output;
  }

  private String fresh() {
    String name = "stacked" + names.size();
    while (!names.add(name)) {
      name = name + "_";
    }
    return name;
  }
}
