package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes the shape of a tensor that is computed elsewhere in terms of the sizes of a region's own
 * input.
 */
final class LocalSizes {
  private final ShapeProbe probe;
  private final List<Node> nodes;
  private final Map<String, TensorData> constants;

  /** What is written goes into {@code nodes} and {@code constants}. */
  LocalSizes(ShapeProbe probe, List<Node> nodes, Map<String, TensorData> constants) {
    this.probe = probe;
    this.nodes = nodes;
    this.constants = constants;
  }

  /** The tensor that equals the output of {@code shapeOp} (a Shape or Size node) in the region. */
  String of(Region region, Node shapeOp) {
    String measured = shapeOp.inputs().get(0);
    List<DimRule> dims = probe.dims(measured);
    if (dims == null) {
      throw Refusal.of(
          "tensor "
              + measured
              + ": shape "
              + Arrays.toString(probe.shape(measured))
              + " for 2 rows of 7 tokens"
              + " (expected: sizes that follow from batch and seq)");
    }
    if (shapeOp.op().equals("Size")) {
      return product(region, dims, shapeOp.outputs().get(0));
    }
    int rank = dims.size();
    int start = axis(shapeOp.intAttribute("start", 0), rank);
    int end = axis(shapeOp.intAttribute("end", rank), rank);
    List<String> parts = new ArrayList<>();
    dims.subList(start, Math.max(start, end)).forEach(dim -> parts.add(size(region, dim)));
    if (parts.size() == 1) {
      return parts.get(0);
    }
    String joined = region.nameOf(shapeOp.outputs().get(0)) + "@size";
    nodes.add(Node.of("Concat", parts, List.of(joined), Map.of("axis", Attribute.of(0L))));
    return joined;
  }

  private String product(Region region, List<DimRule> dims, String name) {
    String product = constant(1);
    for (int axis = 0; axis < dims.size(); axis++) {
      String next = region.nameOf(name) + "@product" + axis;
      nodes.add(
          Node.of("Mul", List.of(product, size(region, dims.get(axis))), List.of(next), Map.of()));
      product = next;
    }
    String scalar = region.nameOf(name) + "@size";
    constants.put("@scalar", TensorData.longs(new long[0], 0));
    nodes.add(Node.of("Reshape", List.of(product, "@scalar"), List.of(scalar), Map.of()));
    return scalar;
  }

  /** A tensor of shape (1) that holds the size. */
  private String size(Region region, DimRule dim) {
    if (dim.isFixed()) {
      return constant(dim.offset());
    }
    String size = dim.perRow() ? ofAxis(region, 0) : ofAxis(region, 1);
    if (dim.perRow() && dim.perToken()) {
      size = combine(region, "Mul", size, ofAxis(region, 1), "rows*tokens");
    }
    if (dim.factor() != 1) {
      size = combine(region, "Mul", size, constant(dim.factor()), size + "*" + dim.factor());
    }
    return dim.offset() == 0
        ? size
        : combine(region, "Add", size, constant(dim.offset()), size + "+" + dim.offset());
  }

  private String combine(Region region, String op, String left, String right, String key) {
    String known = region.names.get("@size/" + key);
    if (known != null) {
      return known;
    }
    String name = "@size" + region.index + "/" + key;
    nodes.add(Node.of(op, List.of(left, right), List.of(name), Map.of()));
    region.names.put("@size/" + key, name);
    return name;
  }

  private String ofAxis(Region region, int axis) {
    String key = axis == 0 ? "rows" : "tokens";
    String known = region.names.get("@size/" + key);
    if (known != null) {
      return known;
    }
    String shape = "@size" + region.index + "/shape";
    if (region.names.putIfAbsent("@size/shape", shape) == null) {
      nodes.add(Node.of("Shape", List.of(region.sized()), List.of(shape), Map.of()));
    }
    String name = "@size" + region.index + "/" + key;
    nodes.add(
        Node.of(
            "Gather",
            List.of(shape, constant(axis)),
            List.of(name),
            Map.of("axis", Attribute.of(0L))));
    region.names.put("@size/" + key, name);
    return name;
  }

  private String constant(long value) {
    String name = "@const/" + value;
    constants.put(name, TensorData.longs(new long[] {value}, 1));
    return name;
  }

  private static int axis(long given, int rank) {
    long axis = given < 0 ? given + rank : given;
    return (int) Math.max(0, Math.min(rank, axis));
  }
}
