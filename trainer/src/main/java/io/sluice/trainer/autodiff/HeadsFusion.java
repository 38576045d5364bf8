package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.autodiff.vjp.TensorFact;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Computes queries, keys and values of attention heads as one product with their matrices side by
 * side, and the gradient behind it as one product too; an operator of the device takes the heads
 * apart, with their biases, and another puts their gradients together. For three linears of one
 * tensor with constant matrices, of which one, the keys', is turned. To be applied to a graph with
 * its backward pass, before {@link DeviceFusion}; values change by rounding.
 */
public final class HeadsFusion {
  private static final List<Long> STRAIGHT = List.of(0L, 2L, 1L, 3L);
  private static final List<Long> TURNED = List.of(0L, 2L, 3L, 1L);
  private static final List<Long> TURNED_BACK = List.of(0L, 3L, 1L, 2L);
  private static final int PARTS = 3;

  private final Graph graph;
  private final TensorFacts facts;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Set<String> outputs = new HashSet<>();
  private final Set<Node> gone = new HashSet<>();
  private final Map<Node, List<Node>> written = new HashMap<>();
  private final Map<String, TensorData> weights;

  /** transpose(reshape(x weight + bias)), (batch, heads, seq, size) or the last two turned. */
  private record Forward(
      Node product, Node sum, Node reshape, Node transpose, TensorData weight, TensorData bias) {
    boolean isTurned() {
      return transpose.intsAttribute("perm", List.of()).equals(TURNED);
    }
  }

  /** What it hands back to x: reshape(transpose(gradient)) weight'. */
  private record Behind(Node transpose, Node reshape, Node product, Node sum) {}

  private HeadsFusion(Graph graph, TensorFacts facts) {
    this.graph = graph;
    this.facts = facts;
    this.producers = graph.producers();
    this.consumers = graph.consumers();
    this.weights = new HashMap<>(graph.initializers());
    graph.outputs().forEach(output -> outputs.add(output.name()));
  }

  /**
   * The graph with what can be joined.
   *
   * @param facts of its forward part
   */
  public static Graph apply(Graph graph, TensorFacts facts) {
    return new HeadsFusion(requireNonNull(graph, "graph"), facts).apply();
  }

  private Graph apply() {
    Map<String, List<Forward>> byInput = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      Forward found = node.is("MatMul") ? forward(node) : null;
      if (found != null) {
        byInput.computeIfAbsent(node.inputs().get(0), x -> new ArrayList<>()).add(found);
      }
    }
    byInput.values().forEach(this::join);
    if (written.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.addAll(written.getOrDefault(node, gone.contains(node) ? List.of() : List.of(node)));
    }
    Map<String, Long> opsets = new HashMap<>(graph.opsets());
    opsets.putIfAbsent(Node.SLUICE, 1L);
    opsets.putIfAbsent(Node.MICROSOFT, 1L);
    Set<String> read = new HashSet<>(outputs);
    nodes.forEach(node -> read.addAll(node.reads()));
    weights.keySet().retainAll(read);
    return new Graph(graph.name(), opsets, graph.inputs(), graph.outputs(), nodes, weights);
  }

  private @Nullable Forward forward(Node product) {
    TensorData weight = graph.initializers().get(product.inputs().get(1));
    Node sum = reader(product, "Add");
    if (weight == null || weight.rank() != 2 || sum == null) {
      return null;
    }
    int biasAt = sum.inputs().get(0).equals(product.outputs().get(0)) ? 1 : 0;
    TensorData bias = graph.initializers().get(sum.inputs().get(biasAt));
    Node reshape = reader(sum, "Reshape");
    Node transpose = reshape == null ? null : reader(reshape, "Transpose");
    if (bias == null
        || reshape == null
        || transpose == null
        || weight.type() != DataType.FLOAT
        || bias.type() != DataType.FLOAT
        || bias.rank() != 1
        || bias.elements() != weight.shape()[1]) {
      return null;
    }
    Forward found = new Forward(product, sum, reshape, transpose, weight, bias);
    List<Long> order = transpose.intsAttribute("perm", List.of());
    boolean ordered = order.equals(STRAIGHT) || order.equals(TURNED);
    return ordered && heads(found) != null ? found : null;
  }

  /** The only reader of what a node makes, if it is such a node. */
  private @Nullable Node reader(Node node, String op) {
    if (!isRead(node)) {
      return null;
    }
    String made = node.outputs().get(0);
    Node reader = consumers.getOrDefault(made, List.of()).get(0);
    // A sum reads it at either place; the others have something else, a shape, at their second.
    boolean first = op.equals("Add") || reader.inputs().get(0).equals(made);
    return reader.is(op) && first ? reader : null;
  }

  /** Number and size of the heads: the last axes of (batch, seq, heads, size). */
  private long @Nullable [] heads(Forward part) {
    String made = part.reshape.outputs().get(0);
    String source = part.sum.outputs().get(0);
    if (!facts.knows(made) || !facts.knows(source)) {
      return null;
    }
    TensorFact fact = facts.of(made);
    TensorFact from = facts.of(source);
    return fact.rank() == 4
            && from.rank() == 3
            && fact.dims().subList(0, 2).equals(from.dims().subList(0, 2))
            && fact.dim(2).isKnown()
            && fact.dim(3).isKnown()
        ? new long[] {fact.dim(2).size(), fact.dim(3).size()}
        : null;
  }

  /** Joins three of one tensor; the turned one comes last. */
  private void join(List<Forward> found) {
    if (found.size() != PARTS) {
      return;
    }
    List<Forward> parts =
        Stream.concat(
                found.stream().filter(part -> !part.isTurned()),
                found.stream().filter(Forward::isTurned))
            .toList();
    long[] heads = requireNonNull(heads(parts.get(0)));
    boolean alike =
        parts.stream().filter(Forward::isTurned).count() == 1
            && parts.stream().allMatch(part -> Arrays.equals(heads, heads(part)));
    List<Behind> behind = alike ? behind(parts) : null;
    if (behind == null) {
      return;
    }
    String name = parts.get(0).transpose.outputs().get(0);
    String matrix = name + "@weights";
    String vector = name + "@bias";
    weights.put(matrix, columns(parts));
    weights.put(vector, vectors(parts, heads));
    Node first = found.get(0).product;
    String x = first.inputs().get(0);
    String all = name + "@heads";
    for (Forward part : parts) {
      gone.addAll(List.of(part.product, part.sum, part.reshape, part.transpose));
    }
    List<String> made = parts.stream().map(part -> part.transpose.outputs().get(0)).toList();
    written.put(
        first,
        List.of(
            Node.of("MatMul", List.of(x, matrix), List.of(all), Map.of()),
            new Node(Node.SLUICE, "SplitHeads", name, List.of(all, vector), made, Map.of())));
    if (!behind.isEmpty()) {
      back(behind, name, matrix);
    }
  }

  /** The gradient of x, once the last of its parts would have been there. */
  private void back(List<Behind> behind, String name, String matrix) {
    String joined = name + "@gradients";
    String gradient = name + "@gradient";
    List<String> gradients = behind.stream().map(part -> part.transpose.inputs().get(0)).toList();
    Node sum = behind.get(0).sum;
    List<String> terms = new ArrayList<>(sum.inputs());
    for (Behind part : behind) {
      gone.addAll(List.of(part.transpose, part.reshape, part.product));
      terms.remove(part.product.outputs().get(0));
    }
    terms.add(gradient);
    Map<String, Attribute> turned =
        Map.of("transA", Attribute.of(0L), "transB", Attribute.of(1L), "alpha", Attribute.of(1f));
    written.put(
        sum,
        List.of(
            new Node(Node.SLUICE, "JoinHeads", joined, gradients, List.of(joined), Map.of()),
            new Node(
                Node.MICROSOFT,
                "FusedMatMul",
                gradient,
                List.of(joined, matrix),
                List.of(gradient),
                turned),
            Node.of(terms.size() == 2 ? "Add" : "Sum", terms, sum.outputs(), Map.of())));
  }

  /** What each hands back, in the same order; none where nothing is, null where it is different. */
  private @Nullable List<Behind> behind(List<Forward> parts) {
    List<Behind> all = new ArrayList<>();
    for (Forward part : parts) {
      List<Node> readers =
          new ArrayList<>(consumers.getOrDefault(part.product.inputs().get(1), List.of()));
      readers.remove(part.product);
      Behind found = readers.size() == 1 ? behind(part, readers.get(0)) : null;
      if (found == null && !readers.isEmpty()) {
        return null;
      }
      if (found != null) {
        all.add(found);
      }
    }
    boolean one = all.stream().map(Behind::sum).distinct().count() == 1;
    return all.isEmpty() || (all.size() == PARTS && one) ? all : null;
  }

  private @Nullable Behind behind(Forward part, Node product) {
    boolean turned =
        product.domain().equals(Node.MICROSOFT)
            && product.op().equals("FusedMatMul")
            && product.inputs().get(1).equals(part.product.inputs().get(1))
            && product.intAttribute("transA", 0) == 0
            && product.intAttribute("transB", 0) == 1
            && product.floatAttribute("alpha", 1) == 1;
    Node reshape = turned ? producers.get(product.inputs().get(0)) : null;
    Node transpose =
        reshape == null || !reshape.is("Reshape") ? null : producers.get(reshape.inputs().get(0));
    List<Long> order = part.isTurned() ? TURNED_BACK : STRAIGHT;
    if (reshape == null
        || transpose == null
        || !transpose.is("Transpose")
        || !transpose.intsAttribute("perm", List.of()).equals(order)
        || !isRead(transpose)
        || !isRead(reshape)
        || !isRead(product)) {
      return null;
    }
    Node sum = consumers.getOrDefault(product.outputs().get(0), List.of()).get(0);
    return sum.is("Sum") ? new Behind(transpose, reshape, product, sum) : null;
  }

  /** Whether what a node makes is read once, and no output. */
  private boolean isRead(Node node) {
    String made = node.outputs().get(0);
    return !outputs.contains(made) && consumers.getOrDefault(made, List.of()).size() == 1;
  }

  /** The matrices side by side. */
  private static TensorData columns(List<Forward> parts) {
    int rows = Math.toIntExact(parts.get(0).weight.shape()[0]);
    long width = parts.stream().mapToLong(part -> part.weight.shape()[1]).sum();
    List<ByteBuffer> from = parts.stream().map(part -> part.weight.bytes()).toList();
    ByteBuffer joined = ByteBuffer.allocate(Math.toIntExact(rows * width * Float.BYTES));
    for (int row = 0; row < rows; row++) {
      for (ByteBuffer part : from) {
        int bytes = part.capacity() / rows;
        joined.put(part.limit((row + 1) * bytes).position(row * bytes));
      }
    }
    return TensorData.bytes(DataType.FLOAT, joined.flip(), rows, width);
  }

  private static TensorData vectors(List<Forward> parts, long[] heads) {
    ByteBuffer joined = ByteBuffer.allocate(Math.toIntExact(PARTS * heads[0] * heads[1] * 4));
    parts.forEach(part -> joined.put(part.bias.bytes()));
    return TensorData.bytes(DataType.FLOAT, joined.flip(), PARTS, heads[0], heads[1]);
  }
}
