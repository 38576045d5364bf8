package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * y = the slices of x at indices along an axis: dx = zeros with g added at those indices.
 *
 * <p>One constant position (the first token of each row) is a padding, without scatter; else rows
 * are added by ScatterND, the axis brought to the front where it is not there.
 */
final class GatherRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    TensorFact x = v.factIn(0);
    int axis = x.axis(v.node().intAttribute("axis", 0));
    TensorData index = v.constantIn(1);
    if (index != null && index.elements() == 1) {
      v.give(0, onePosition(v, axis, index.toLongs()[0]));
    } else {
      v.give(0, rows(v, axis));
    }
  }

  private static String onePosition(Vjp v, int axis, long index) {
    Emitter e = v.emit();
    TensorFact x = v.factIn(0);
    int extra = v.factIn(1).rank();
    String g = v.grad();
    if (extra == 0) {
      g = e.unsqueeze(g, List.of(axis));
    } else if (extra > 1) {
      g = e.squeeze(g, IntStream.range(axis, axis + extra - 1).boxed().toList());
    }
    Pads pads = new Pads(e, x.rank());
    String length = e.lengthOf(v.in(0), x, axis);
    if (index >= 0) {
      pads.before(axis, index);
      if (x.dim(axis).isKnown()) {
        pads.after(axis, x.dim(axis).size() - index - 1);
      } else {
        pads.after(axis, e.sub(length, e.longs(index + 1)));
      }
    } else {
      pads.after(axis, -index - 1);
      if (x.dim(axis).isKnown()) {
        pads.before(axis, x.dim(axis).size() + index);
      } else {
        pads.before(axis, e.sub(length, e.longs(-index)));
      }
    }
    return e.pad(g, pads.tensor(), x.type());
  }

  private static String rows(Vjp v, int axis) {
    Emitter e = v.emit();
    TensorFact x = v.factIn(0);
    String shape = e.shapeOf(v.in(0), x);
    return rows(e, v.grad(), v.in(1), v.factIn(1).rank(), shape, x.rank(), x.type(), axis);
  }

  /**
   * Zeros of a shape with the slices of g added at indices along an axis.
   *
   * @param g has that shape, but for its axis, which is replaced by the axes of the indices
   */
  static String rows(
      Emitter e,
      String g,
      String indices,
      int indexRank,
      String shape,
      int rank,
      DataType type,
      int axis) {
    String tuples = e.unsqueeze(indices, List.of(indexRank));
    if (axis == 0) {
      return e.scatterAdd(e.zeros(shape, type), tuples, g);
    }
    List<Long> forth = new ArrayList<>();
    for (int i = 0; i < indexRank; i++) {
      forth.add((long) axis + i);
    }
    for (int i = 0; i < rank - 1 + indexRank; i++) {
      if (i < axis || i >= axis + indexRank) {
        forth.add((long) i);
      }
    }
    List<Long> front = new ArrayList<>();
    front.add((long) axis);
    for (long i = 0; i < rank; i++) {
      if (i != axis) {
        front.add(i);
      }
    }
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[Math.toIntExact(front.get(i))] = i;
    }
    String moved = e.transpose(g, forth.stream().mapToLong(Long::longValue).toArray());
    String order = e.longs(front.stream().mapToLong(Long::longValue).toArray());
    String zeros = e.zeros(e.op("Gather", shape, order), type);
    return e.transpose(e.scatterAdd(zeros, tuples, moved), back);
  }
}
