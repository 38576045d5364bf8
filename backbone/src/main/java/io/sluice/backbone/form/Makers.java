package io.sluice.backbone.form;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What made each tensor of a graph, for forms that look for a pattern from its end. Immutable. */
final class Makers {
  /** No end given. */
  private static final long TO_THE_END = Integer.MAX_VALUE;

  private static final Set<DataType> FLOATS =
      Set.of(DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE);

  private final Graph graph;
  private final Ranks ranks;
  private final Map<String, Node> producers;

  Makers(Graph graph) {
    this.graph = graph;
    this.ranks = Ranks.of(graph);
    this.producers = graph.producers();
  }

  /** The size of one axis of a tensor; equal records are equal sizes. */
  record Axis(String tensor, int index) {}

  /** A size that is a number. */
  record Size(long value) {}

  /** The standard operator of that name that made the tensor; null for anything else. */
  @Nullable Node of(@Nullable String tensor, String op) {
    Node node = tensor == null ? null : producers.get(tensor);
    return node != null && node.is(op) ? node : null;
  }

  boolean hasRank(String tensor, int rank) {
    return ranks.of(tensor).orElse(-1) == rank;
  }

  @Nullable TensorData constant(@Nullable String tensor) {
    return tensor == null ? null : graph.initializers().get(tensor);
  }

  /** The number that a constant of one element holds; null for anything else. */
  @Nullable Float number(@Nullable String tensor) {
    TensorData data = constant(tensor);
    if (data == null || data.elements() != 1 || !FLOATS.contains(data.type())) {
      return null;
    }
    return data.toFloats()[0];
  }

  /** The integers that a constant holds; null for anything else. */
  long @Nullable [] integers(@Nullable String tensor) {
    TensorData data = constant(tensor);
    return data == null || FLOATS.contains(data.type()) ? null : data.toLongs();
  }

  /** Whether a Transpose puts the axes in that order. */
  static boolean isOrder(Node transpose, Long... order) {
    return transpose.intsAttribute("perm", List.of()).equals(List.of(order));
  }

  /** The axis that this one is, seen through what only puts axes in another order. */
  Axis root(Axis axis) {
    Node transpose = of(axis.tensor(), "Transpose");
    List<Long> order = transpose == null ? List.of() : transpose.intsAttribute("perm", List.of());
    return transpose == null || order.isEmpty()
        ? axis
        : root(new Axis(transpose.inputs().get(0), Math.toIntExact(order.get(axis.index()))));
  }

  /** The sizes that a tensor of shapes holds, each an {@link Axis} or a {@link Size}, or null. */
  @Nullable List<Record> sizes(String tensor) {
    long[] constant = integers(tensor);
    if (constant != null) {
      List<Record> sizes = new ArrayList<>();
      for (long value : constant) {
        sizes.add(new Size(value));
      }
      return sizes;
    }
    Node node = producers.get(tensor);
    return node == null
        ? null
        : switch (node.op()) {
          case "Shape" -> shape(node);
          case "Gather" -> gathered(node);
          case "Slice" -> sliced(node);
          case "Concat" -> joined(node);
          default -> null;
        };
  }

  private @Nullable List<Record> shape(Node node) {
    String of = node.inputs().get(0);
    int rank = ranks.of(of).orElse(-1);
    if (rank < 0 || node.intAttribute("start", 0) != 0 || node.attribute("end") != null) {
      return null;
    }
    List<Record> sizes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      sizes.add(root(new Axis(of, i)));
    }
    return sizes;
  }

  private @Nullable List<Record> gathered(Node node) {
    List<Record> from = sizes(node.inputs().get(0));
    long[] indices = integers(node.input(1));
    if (from == null || indices == null || node.intAttribute("axis", 0) != 0) {
      return null;
    }
    List<Record> sizes = new ArrayList<>();
    for (long index : indices) {
      sizes.add(from.get(Math.floorMod(index, from.size())));
    }
    return sizes;
  }

  private @Nullable List<Record> sliced(Node node) {
    List<Record> from = sizes(node.inputs().get(0));
    long[] start = integers(node.input(1));
    long[] end = integers(node.input(2));
    if (from == null || start == null || end == null || node.inputs().size() > 3) {
      return null;
    }
    int first = bound(start[0], from.size());
    return from.subList(first, Math.max(first, bound(end[0], from.size())));
  }

  private static int bound(long index, int size) {
    long bounded = Math.max(-TO_THE_END, Math.min(TO_THE_END, index));
    return (int) Math.max(0, Math.min(size, bounded < 0 ? bounded + size : bounded));
  }

  private @Nullable List<Record> joined(Node node) {
    List<Record> sizes = new ArrayList<>();
    for (String input : node.inputs()) {
      List<Record> part = sizes(input);
      if (part == null) {
        return null;
      }
      sizes.addAll(part);
    }
    return sizes;
  }
}
