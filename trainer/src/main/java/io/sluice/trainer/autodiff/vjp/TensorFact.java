package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a tensor before a run: its element type, its rank, and the extent of each axis.
 *
 * @param type element type
 * @param dims one extent per axis; empty for a scalar
 */
public record TensorFact(DataType type, List<Extent> dims) {

  /** Copies the extents. */
  public TensorFact {
    dims = List.copyOf(dims);
  }

  /** A tensor whose shape never changes. */
  public static TensorFact known(DataType type, long... shape) {
    List<Extent> dims = new ArrayList<>(shape.length);
    for (long size : shape) {
      dims.add(Extent.known(size));
    }
    return new TensorFact(type, dims);
  }

  /** Number of axes. */
  public int rank() {
    return dims.size();
  }

  /** The extent of an axis; negative axes count from the end. */
  public Extent dim(int axis) {
    return dims.get(axis(axis));
  }

  /** The axis as a number in 0..rank-1; negative axes count from the end. */
  public int axis(long axis) {
    long resolved = axis < 0 ? axis + rank() : axis;
    if (resolved < 0 || resolved >= Math.max(1, rank())) {
      throw new IllegalArgumentException(
          "axis: " + axis + " (expected: within rank " + rank() + ")");
    }
    return (int) resolved;
  }

  /** Whether no axis is symbolic. */
  public boolean isKnown() {
    return dims.stream().allMatch(Extent::isKnown);
  }

  /** The shape of a tensor without symbolic axes. */
  public long[] shape() {
    return dims.stream().mapToLong(Extent::size).toArray();
  }

  /** Whether elements are real numbers, through which gradients flow. */
  public boolean isReal() {
    return isReal(type);
  }

  /** Whether elements of the type are real numbers, through which gradients flow. */
  public static boolean isReal(DataType type) {
    return type == DataType.FLOAT
        || type == DataType.DOUBLE
        || type == DataType.FLOAT16
        || type == DataType.BFLOAT16;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(type.toString()).append('(');
    String separator = "";
    for (Extent dim : dims) {
      text.append(separator)
          .append(dim.isKnown() ? Long.toString(dim.small()) : dim.small() + "|" + dim.large());
      separator = ", ";
    }
    return text.append(')').toString();
  }
}
