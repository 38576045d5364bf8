package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * The longest sequence a graph can take, told from its tables: rows of a table that is looked up by
 * positions, and sizes of a constant that is sliced to the length of the sequence.
 */
final class PositionLimit {
  private final Graph graph;
  private final ShapeProbe probe;

  private PositionLimit(Graph graph, ShapeProbe probe) {
    this.graph = graph;
    this.probe = probe;
  }

  /** Empty where nothing in the graph limits the length. */
  static OptionalLong of(Graph graph, ShapeProbe probe) {
    PositionLimit limit = new PositionLimit(graph, probe);
    List<Node> byIds = new ArrayList<>(HiddenFlow.lookups(graph, InputRole.INPUT_IDS));
    byIds.addAll(HiddenFlow.lookups(graph, InputRole.TOKEN_TYPE_IDS));
    return graph.nodes().stream()
        .filter(node -> !byIds.contains(node))
        .mapToLong(limit::of)
        .filter(tokens -> tokens > 0)
        .min();
  }

  /** 0 where the node sets no limit. */
  private long of(Node node) {
    String input = node.input(0);
    TensorData table = input == null ? null : graph.initializers().get(input);
    if (table == null || table.rank() == 0) {
      return 0;
    }
    if (node.is("Gather")) {
      return ofLookup(node, table);
    }
    return node.is("Slice") ? ofSlice(node, table) : 0;
  }

  private long ofLookup(Node node, TensorData table) {
    String index = node.inputs().get(1);
    TensorData few = probe.value0(index);
    TensorData more = probe.valueMoreTokens(index);
    List<DimRule> dims = few == null ? null : probe.dims(index);
    if (few == null
        || more == null
        || dims == null
        || dims.stream().filter(DimRule::perToken).count() != 1) {
      return 0;
    }
    long last = Arrays.stream(few.toLongs()).max().orElse(0);
    long lastOfMore = Arrays.stream(more.toLongs()).max().orElse(0);
    if (lastOfMore - last != probe.sizes().moreTokens() - probe.sizes().tokens()) {
      return 0;
    }
    long axis = node.intAttribute("axis", 0);
    long rows = table.shape()[(int) (axis < 0 ? axis + table.rank() : axis)];
    long offset = last - (probe.sizes().tokens() - 1);
    return rows - offset;
  }

  private long ofSlice(Node node, TensorData table) {
    List<DimRule> dims = probe.dims(node.outputs().get(0));
    long limit = 0;
    for (int axis = 0; dims != null && axis < dims.size(); axis++) {
      DimRule dim = dims.get(axis);
      if (dim.perToken() && !dim.perRow() && dim.factor() == 1) {
        long here = table.shape()[axis] - dim.offset();
        limit = limit == 0 ? here : Math.min(limit, here);
      }
    }
    return limit;
  }
}
