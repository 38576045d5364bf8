package io.sluice.trainer.autodiff.vjp;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * y = x with a constant around it (or, for negative counts, cut): dx = g cut (or padded) back,
 * which is a Pad by the negated counts.
 */
final class PadRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    String mode = v.node().stringAttribute("mode", "constant");
    if (!mode.equals("constant")) {
      throw v.failure("mode: " + mode + " (expected: constant)");
    }
    if (v.wants(2)) {
      throw v.failure("a gradient is wanted for the value padded with");
    }
    Emitter e = v.emit();
    TensorFact x = v.factIn(0);
    if (!v.has(3)) {
      v.give(0, e.pad(v.grad(), e.op("Neg", v.in(1)), x.type()));
      return;
    }
    int[] axes = IntStream.of(toInts(v.longsIn(3))).map(x::axis).toArray();
    Pads pads = new Pads(e, x.rank());
    for (int i = 0; i < axes.length; i++) {
      pads.before(axes[i], e.op("Neg", e.op("Gather", v.in(1), e.longs(i))));
      pads.after(axes[i], e.op("Neg", e.op("Gather", v.in(1), e.longs(axes.length + i))));
    }
    v.give(0, e.pad(v.grad(), pads.tensor(), x.type()));
  }

  private static int[] toInts(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
