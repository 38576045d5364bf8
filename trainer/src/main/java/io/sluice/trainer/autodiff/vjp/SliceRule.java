package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * y = every step-th slice of x from start to end along some axes: dx = zeros with g at those
 * places.
 *
 * <p>Step 1 is a Pad: by constants where the axis is known or the slice is counted from its ends,
 * else by counts from the cut index range. Other steps add rows at the positions the slice took,
 * axis by axis.
 */
final class SliceRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    TensorFact x = v.factIn(0);
    int count = Math.toIntExact(v.factIn(1).dim(0).size());
    long[] axes = v.has(3) ? v.longsIn(3) : LongStream.range(0, count).toArray();
    long[] steps = new long[count];
    Arrays.fill(steps, 1);
    if (v.has(4)) {
      steps = v.longsIn(4);
    }
    // Undone from the last axis to the first: extents of axes not yet undone are still those of y.
    String g = v.grad();
    List<Extent> now = new ArrayList<>(v.factOut(0).dims());
    Pads pads = new Pads(e, x.rank());
    boolean padded = false;
    for (int i = 0; i < count; i++) {
      int axis = x.axis(axes[i]);
      if (steps[i] == 1) {
        padded |= pad(v, i, axis, pads);
      } else {
        g = scatter(v, i, axis, g, now);
        now.set(axis, x.dim(axis));
      }
    }
    v.give(0, padded ? e.pad(g, pads.tensor(), x.type()) : g);
  }

  /** Notes the pads of one axis; false if the slice took all of it. */
  private static boolean pad(Vjp v, int i, int axis, Pads pads) {
    Emitter e = v.emit();
    Extent whole = v.factIn(0).dim(axis);
    Extent part = v.factOut(0).dim(axis);
    if (whole.equals(part)) {
      return false;
    }
    if (v.constantIn(1) != null && (whole.isKnown() || v.longsIn(1)[i] >= 0)) {
      long start = v.longsIn(1)[i];
      long first = start >= 0 ? start : Math.max(0, start + whole.size());
      pads.before(axis, first);
      if (whole.isKnown() && part.isKnown()) {
        pads.after(axis, whole.size() - part.size() - first);
        return true;
      }
      String kept = e.add(e.lengthOf(v.out(0), v.factOut(0), axis), e.longs(first));
      pads.after(axis, e.sub(e.lengthOf(v.in(0), v.factIn(0), axis), kept));
      return true;
    }
    String positions = positions(v, i, axis);
    String first = e.op("Gather", positions, e.longs(0));
    String last = e.op("Gather", positions, e.longs(-1));
    pads.before(axis, first);
    String end = e.sub(e.lengthOf(v.in(0), v.factIn(0), axis), e.longs(1));
    pads.after(axis, e.sub(end, last));
    return true;
  }

  private static String scatter(Vjp v, int i, int axis, String g, List<Extent> now) {
    Emitter e = v.emit();
    TensorFact x = v.factIn(0);
    TensorFact gFact = new TensorFact(x.type(), now);
    List<String> shape = new ArrayList<>();
    for (int j = 0; j < x.rank(); j++) {
      shape.add(j == axis ? e.lengthOf(v.in(0), x, j) : e.lengthOf(g, gFact, j));
    }
    String places = positions(v, i, axis);
    return GatherRule.rows(e, g, places, 1, e.concat(shape, 0), x.rank(), x.type(), axis);
  }

  /** The positions along the axis that the slice took: the same slice of 0, 1, ..., length - 1. */
  private static String positions(Vjp v, int i, int axis) {
    Emitter e = v.emit();
    String length = e.squeeze(e.lengthOf(v.in(0), v.factIn(0), axis), List.of(0));
    String all = e.range(length);
    List<String> inputs = new ArrayList<>();
    inputs.add(all);
    inputs.add(e.cast(e.op("Gather", v.in(1), e.longs(i)), DataType.INT64));
    inputs.add(e.cast(e.op("Gather", v.in(2), e.longs(i)), DataType.INT64));
    inputs.add(e.longs(0));
    inputs.add(e.longs(v.has(4) ? v.longsIn(4)[i] : 1));
    return e.op("Slice", inputs, Map.of());
  }
}
