package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;

/**
 * y = x^p: dx = g p x^(p-1). The exponent is a setting, not a parameter: its own derivative is
 * refused, for it is not a number wherever x &lt; 0.
 */
final class PowRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.wants(1)) {
      throw v.failure("a gradient is wanted for the exponent " + v.in(1));
    }
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    TensorData exponent = v.constantIn(1);
    if (exponent != null && exponent.elements() == 1) {
      double p =
          TensorFact.isReal(exponent.type()) ? exponent.toFloats()[0] : exponent.toLongs()[0];
      v.giveBroadcast(0, e.mul(v.grad(), slope(e, v.in(0), p, type)), v.factOut(0));
      return;
    }
    String p = e.cast(v.in(1), type);
    String slope = e.mul(p, e.op("Pow", v.in(0), e.offset(p, -1, type)));
    v.giveBroadcast(0, e.mul(v.grad(), slope), v.factOut(0));
  }

  private static String slope(Emitter e, String x, double p, DataType type) {
    if (p == 1) {
      return e.scalar(type, 1);
    }
    if (p == 2) {
      return e.scale(x, 2, type);
    }
    String power = p == 3 ? e.mul(x, x) : e.op("Pow", x, e.scalar(type, p - 1));
    return e.scale(power, p, type);
  }
}
