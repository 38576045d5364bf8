package io.sluice.backbone.form;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes attention that a graph computes step by step as one operator. On a GPU: as Attention where
 * queries, keys and values are products of one tensor with constant matrices, which are joined into
 * one matrix; as MultiHeadAttention where they come from elsewhere. On the processor: such products
 * only, and they stay, with their matrices, in front of a MultiHeadAttention.
 *
 * <p>What {@link AttentionMatch} does not recognise stays as it is. Where a graph takes the weights
 * of a row without any key as zero, they are equal here: such a row is padding, and what it holds
 * is read by no other.
 */
final class AttentionForm {
  /** Far below every product, and exp of it is 0. */
  private static final float NEVER = -1e30f;

  private static final int RANK = 4;

  private final Graph graph;
  private final Makers makers;
  private final boolean joins;
  private final GraphBuilder rewritten;

  private AttentionForm(Graph graph, Makers makers, boolean joins) {
    this.graph = graph;
    this.makers = makers;
    this.joins = joins;
    this.rewritten = new GraphBuilder(graph.name(), graph.opsets());
  }

  /** For a GPU: with all matrices of an attention as one. */
  static Graph of(Graph graph) {
    return new AttentionForm(graph, new Makers(graph), true).form();
  }

  /** For the processor: with the matrices as they are, which other sessions may hold as well. */
  static Graph ofProducts(Graph graph) {
    return new AttentionForm(graph, new Makers(graph), false).form();
  }

  private Graph form() {
    Map<Node, AttentionMatch> found = new HashMap<>();
    for (Node node : graph.nodes()) {
      AttentionMatch match = AttentionMatch.endingAt(node, makers);
      if (match != null && (joins || isOfOneTensor(linears(match)))) {
        found.put(node, match);
      }
    }
    return found.isEmpty() ? graph : rewrite(found);
  }

  private List<Linear> linears(AttentionMatch match) {
    return Stream.of(match.query(), match.key(), match.value())
        .map(heads -> Linear.of(makers, heads.source(), match.width()))
        .toList();
  }

  /** Whether all are products of one tensor with constant matrices. */
  private static boolean isOfOneTensor(List<Linear> linears) {
    String input = linears.get(0).input();
    return input != null && linears.stream().allMatch(linear -> input.equals(linear.input()));
  }

  private Graph rewrite(Map<Node, AttentionMatch> found) {
    // What comes later in the graph may be called as new nodes would be.
    graph.nodes().forEach(node -> node.writes().forEach(rewritten::keep));
    graph.inputs().forEach(rewritten::input);
    graph.initializers().forEach(rewritten::initializer);
    for (Node node : graph.nodes()) {
      AttentionMatch match = found.get(node);
      if (match == null) {
        rewritten.add(node);
      } else {
        write(match, node);
      }
    }
    graph.outputs().forEach(rewritten::output);
    // Without the steps, and without the matrices that were joined.
    return rewritten.build().extract(graph.name(), graph.inputs(), graph.outputs());
  }

  private void write(AttentionMatch match, Node end) {
    List<Linear> linears = linears(match);
    String bias = bias(match);
    String made = end.outputs().get(0);
    Map<String, Attribute> attributes =
        Map.of(
            "num_heads", Attribute.of((long) match.query().count()),
            "scale", Attribute.of(match.scale()));
    List<String> inputs = new ArrayList<>();
    String input = linears.get(0).input();
    if (joins && input != null && isOfOneTensor(linears)) {
      inputs.add(input);
      inputs.add(rewritten.initializer(made + "@weights", columns(linears)));
      inputs.add(rewritten.initializer(made + "@bias", vectors(linears, match.width())));
      inputs.addAll(List.of("", ""));
      add("Attention", end, inputs, bias, attributes);
    } else if (linears.stream().allMatch(linear -> linear.bias() == null)) {
      linears.forEach(linear -> inputs.add(linear.product()));
      inputs.addAll(List.of("", ""));
      add("MultiHeadAttention", end, inputs, bias, attributes);
    } else {
      linears.forEach(linear -> inputs.add(linear.product()));
      inputs.add(rewritten.initializer(made + "@bias", vectors(linears, match.width())));
      inputs.add("");
      add("MultiHeadAttention", end, inputs, bias, attributes);
    }
  }

  private void add(
      String op,
      Node end,
      List<String> inputs,
      @Nullable String bias,
      Map<String, Attribute> attributes) {
    if (bias != null) {
      inputs.add(bias);
    }
    rewritten.add(new Node(Node.MICROSOFT, op, end.name(), inputs, end.outputs(), attributes));
  }

  /** The sum of the biases with both last axes at full length; null for none. */
  private @Nullable String bias(AttentionMatch match) {
    if (match.biases().isEmpty()) {
      return null;
    }
    String sum = match.biases().get(0);
    for (String next : match.biases().subList(1, match.biases().size())) {
      sum = rewritten.node("Add", sum, next);
    }
    if (match.biases().stream().noneMatch(this::isFull)) {
      sum = expanded(sum, match.query().source());
    }
    return match.guarded() ? rewritten.node("Max", sum, rewritten.constant(NEVER)) : sum;
  }

  /** Whether a tensor is declared with four axes, both last of them as long as the tokens are. */
  private boolean isFull(String tensor) {
    Set<Dim> lengths =
        graph.inputs().stream()
            .filter(input -> input.ranked() && input.shape().size() == 3)
            .filter(input -> input.type() == DataType.FLOAT)
            .map(input -> input.shape().get(1))
            .collect(Collectors.toSet());
    return graph.inputs().stream()
        .filter(input -> input.name().equals(tensor) && input.shape().size() == RANK)
        .map(Value::shape)
        .anyMatch(
            shape ->
                lengths.size() == 1
                    && lengths.contains(shape.get(2))
                    && shape.get(2).equals(shape.get(3))
                    && shape.get(2) instanceof Dim.Symbol symbol
                    && !symbol.name().isEmpty());
  }

  private String expanded(String bias, String tokens) {
    String length =
        rewritten.node("Gather", rewritten.node("Shape", tokens), rewritten.constant(1L));
    String one = rewritten.constant(1L);
    String shape =
        rewritten.node(
            "Concat", List.of(one, one, length, length), Map.of("axis", Attribute.of(0L)));
    return rewritten.node("Expand", bias, shape);
  }

  /** The matrices side by side. */
  private static TensorData columns(List<Linear> linears) {
    List<TensorData> parts = linears.stream().map(linear -> required(linear.weight())).toList();
    int rows = Math.toIntExact(parts.get(0).shape()[0]);
    long width = parts.stream().mapToLong(part -> part.shape()[1]).sum();
    ByteBuffer joined = buffer(parts.stream().mapToLong(TensorData::sizeBytes).sum());
    List<ByteBuffer> from = parts.stream().map(TensorData::bytes).toList();
    for (int row = 0; row < rows; row++) {
      for (ByteBuffer part : from) {
        int bytes = part.capacity() / rows;
        joined.put(part.limit((row + 1) * bytes).position(row * bytes));
      }
    }
    return TensorData.bytes(parts.get(0).type(), joined.flip(), rows, width);
  }

  /** The vectors one after the other, zeros for one that is not there. */
  private static TensorData vectors(List<Linear> linears, int width) {
    DataType type =
        linears.stream()
            .flatMap(linear -> Stream.of(linear.bias(), linear.weight()))
            .filter(data -> data != null)
            .map(data -> required(data).type())
            .findFirst()
            .orElse(DataType.FLOAT);
    int bytes = width * type.sizeBytes();
    ByteBuffer joined = buffer((long) linears.size() * bytes);
    for (Linear linear : linears) {
      int end = joined.position() + bytes;
      if (linear.bias() != null) {
        joined.put(linear.bias().bytes());
      }
      joined.position(end);
    }
    return TensorData.bytes(type, joined.flip(), (long) linears.size() * width);
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes));
  }

  private static TensorData required(@Nullable TensorData data) {
    if (data == null) {
      throw new IllegalStateException("linear: no matrix (expected: a constant one)");
    }
    return data;
  }
}
