package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * y = the slices of x at indices along an axis: dx = zeros with g added at those indices.
 *
 * <p>One constant position (the first token of each row) is a padding, without scatter; else slices
 * are added by ScatterElements. ScatterND would want no index for each number, but ONNX Runtime's
 * adds in several threads at once, and what falls on one row at the same time is lost.
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
    long[] alongAxis = new long[rank];
    Arrays.fill(alongAxis, 1);
    alongAxis[axis] = -1;
    String slices = indexRank == 1 ? g : inOneAxis(e, g, shape, axis);
    String places = e.op("Expand", e.reshape(indices, alongAxis), e.op("Shape", slices));
    return e.scatterAdd(e.zeros(shape, type), axis, places, slices);
  }

  /** g with the axes of the indices, however many, as one. */
  private static String inOneAxis(Emitter e, String g, String shape, int axis) {
    long[] before = new long[axis + 1];
    before[axis] = -1;
    String after = e.op("Slice", shape, e.longs(axis + 1), e.longs(Long.MAX_VALUE), e.longs(0));
    return e.op("Reshape", g, e.concat(List.of(e.longs(before), after), 0));
  }
}
