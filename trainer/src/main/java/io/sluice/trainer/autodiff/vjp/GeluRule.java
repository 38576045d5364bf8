package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;

/**
 * The family of y = u P(u): Gelu (exact and tanh form), com.microsoft Gelu, BiasGelu, FastGelu and
 * QuickGelu, where u is the input plus the bias if there is one: du = g y'(u), d bias = du summed.
 */
final class GeluRule implements VjpRule {

  private static final double TANH_CUBIC = 0.044715;

  /** How P is computed. */
  enum Form {
    /** P(u) = (1 + erf(u / sqrt 2)) / 2; y' = P + u exp(-u^2/2) / sqrt(2 pi). */
    ERF,
    /**
     * P(u) = (1 + tanh w) / 2, w = sqrt(2/pi) (u + 0.044715 u^3); y' = P + u (1 - tanh^2 w) w' / 2.
     */
    TANH,
    /** As the attribute {@code approximate} says: none or tanh. */
    BY_ATTRIBUTE,
    /** P(u) = sigmoid(alpha u); y' = P (1 + alpha u (1 - P)). */
    SIGMOID
  }

  private final Form form;

  GeluRule(Form form) {
    this.form = form;
  }

  @Override
  public void emit(Vjp v) {
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    String u = v.has(1) ? e.add(v.in(0), v.in(1)) : v.in(0);
    String du =
        isExact(v) && e.hasDevice(type)
            ? e.device("GeluGradient", v.grad(), u)
            : e.mul(v.grad(), slope(v, u, type));
    for (int i = 0; i < v.inputs(); i++) {
      if (v.wants(i)) {
        v.giveBroadcast(i, du, v.factOut(0));
      }
    }
  }

  private boolean isExact(Vjp v) {
    return switch (form) {
      case ERF -> true;
      case TANH, SIGMOID -> false;
      case BY_ATTRIBUTE -> !v.node().stringAttribute("approximate", "none").equals("tanh");
    };
  }

  private String slope(Vjp v, String u, DataType type) {
    Emitter e = v.emit();
    return switch (form) {
      case ERF -> exact(e, u, type);
      case TANH -> tanh(e, u, type);
      case BY_ATTRIBUTE -> isExact(v) ? exact(e, u, type) : tanh(e, u, type);
      case SIGMOID -> sigmoid(e, u, v.node().floatAttribute("alpha", 1.702f), type);
    };
  }

  private static String exact(Emitter e, String u, DataType type) {
    String half = e.scale(u, -0.5, type);
    String bell = e.mul(half, e.op("Exp", e.mul(u, half)));
    String p = e.half(e.op("Erf", e.scale(u, Math.sqrt(0.5), type)), type);
    return e.sub(p, e.scale(bell, 2 / Math.sqrt(2 * Math.PI), type));
  }

  private static String tanh(Emitter e, String u, DataType type) {
    double root = Math.sqrt(2 / Math.PI);
    String square = e.mul(u, u);
    String inner = e.offset(e.scale(square, root * TANH_CUBIC, type), root, type);
    String t = e.op("Tanh", e.mul(u, inner));
    String innerSlope = e.offset(e.scale(square, 3 * root * TANH_CUBIC, type), root, type);
    String rest = e.sub(e.scalar(type, 1), e.mul(t, t));
    String bell = e.scale(e.mul(e.mul(u, rest), innerSlope), 0.5, type);
    return e.add(e.half(t, type), bell);
  }

  private static String sigmoid(Emitter e, String u, double alpha, DataType type) {
    String au = e.scale(u, alpha, type);
    String p = e.op("Sigmoid", au);
    String rest = e.mul(au, e.sub(e.scalar(type, 1), p));
    return e.mul(p, e.offset(rest, 1, type));
  }
}
