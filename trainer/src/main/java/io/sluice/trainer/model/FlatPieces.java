package io.sluice.trainer.model;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.GraphBuilder;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the flat array of a layout is taken apart and put together in a graph: in rows of as many
 * numbers as divide every piece but the head's, which come last. Immutable.
 *
 * <p>On CUDA, Split and Concat write a table of their axis on the processor and copy it over at
 * every run, one entry for each number of a flat array; rows make that table so much shorter.
 *
 * @param unit numbers of a row
 * @param rows of each piece that consists of whole rows
 * @param tail sizes of the pieces behind those, in numbers
 */
record FlatPieces(int unit, List<Integer> rows, List<Integer> tail) {
  FlatPieces {
    rows = List.copyOf(rows);
    tail = List.copyOf(tail);
  }

  static FlatPieces of(ParameterLayout layout) {
    List<Integer> whole = new ArrayList<>();
    List<Integer> tail = new ArrayList<>();
    for (ParameterLayout.Slot slot : layout.slots()) {
      (slot.owner() == ParameterLayout.HEAD ? tail : whole).add(slot.spec().size());
    }
    int unit =
        whole.stream()
            .map(BigInteger::valueOf)
            .reduce(BigInteger.ZERO, BigInteger::gcd)
            .max(BigInteger.ONE)
            .intValueExact();
    return new FlatPieces(unit, whole.stream().map(size -> size / unit).toList(), tail);
  }

  /** The pieces of a flat tensor, in any shape. */
  List<String> split(GraphBuilder graph, String flat) {
    if (rows.isEmpty()) {
      return split(graph, flat, tail);
    }
    List<Integer> sizes = new ArrayList<>(rows);
    if (tail.isEmpty()) {
      return split(graph, inRows(graph, flat), sizes);
    }
    sizes.add(tailRows());
    List<String> pieces = new ArrayList<>(split(graph, inRows(graph, padded(graph, flat)), sizes));
    String last = graph.node("Reshape", pieces.remove(rows.size()), graph.constant(-1L));
    List<Integer> ends = new ArrayList<>(tail);
    if (padding() > 0) {
      ends.add(padding());
    }
    pieces.addAll(split(graph, last, ends).subList(0, tail.size()));
    return pieces;
  }

  /** The flat tensor of pieces in any shape. */
  String join(GraphBuilder graph, List<String> pieces) {
    List<String> ends =
        pieces.subList(rows.size(), pieces.size()).stream().map(end -> flat(graph, end)).toList();
    if (rows.isEmpty()) {
      return concat(graph, ends);
    }
    List<String> parts = new ArrayList<>();
    pieces.subList(0, rows.size()).forEach(piece -> parts.add(inRows(graph, piece)));
    if (tail.isEmpty()) {
      return flat(graph, concat(graph, parts));
    }
    parts.add(inRows(graph, padded(graph, concat(graph, ends))));
    String joined = flat(graph, concat(graph, parts));
    return padding() == 0
        ? joined
        : graph.node(
            "Slice", joined, graph.constant(0L), graph.constant(size()), graph.constant(0L));
  }

  private long size() {
    return (long) unit * rows.stream().mapToInt(Integer::intValue).sum() + tailSize();
  }

  private int tailSize() {
    return tail.stream().mapToInt(Integer::intValue).sum();
  }

  private int tailRows() {
    return (tailSize() + unit - 1) / unit;
  }

  private int padding() {
    return tailRows() * unit - tailSize();
  }

  private String padded(GraphBuilder graph, String flat) {
    return padding() == 0
        ? flat
        : graph.node("Pad", flat, graph.constant(new long[] {0, padding()}));
  }

  private String inRows(GraphBuilder graph, String tensor) {
    return graph.node("Reshape", tensor, graph.constant(new long[] {-1, unit}));
  }

  private static String flat(GraphBuilder graph, String tensor) {
    return graph.node("Reshape", tensor, graph.constant(-1L));
  }

  private static String concat(GraphBuilder graph, List<String> parts) {
    return graph.node("Concat", parts, Map.of("axis", Attribute.of(0L)));
  }

  private static List<String> split(GraphBuilder graph, String tensor, List<Integer> sizes) {
    long[] lengths = sizes.stream().mapToLong(Integer::longValue).toArray();
    return graph.node(
        "",
        "Split",
        List.of(tensor, graph.constant(lengths)),
        lengths.length,
        Map.of("axis", Attribute.of(0L)));
  }
}
