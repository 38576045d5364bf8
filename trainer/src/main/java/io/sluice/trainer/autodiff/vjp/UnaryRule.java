package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;

/**
 * Elementwise functions y = f(x) of one operand: dx = g f'(x), written with y instead of x wherever
 * that is shorter.
 */
enum UnaryRule implements VjpRule {
  /** y = -x; dx = -g. */
  NEG {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.op("Neg", g);
    }
  },
  /** y = |x|; dx = g sign(x). */
  ABS {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, e.op("Sign", x));
    }
  },
  /** y = 1/x; dx = -g y^2. */
  RECIPROCAL {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.op("Neg", e.mul(g, e.mul(y, y)));
    }
  },
  /** y = sqrt(x); dx = g / (2y). */
  SQRT {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.div(e.scale(g, 0.5, type), y);
    }
  },
  /** y = exp(x); dx = g y. */
  EXP {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, y);
    }
  },
  /** y = log(x); dx = g / x. */
  LOG {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.div(g, x);
    }
  },
  /** y = sin(x); dx = g cos(x). */
  SIN {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, e.op("Cos", x));
    }
  },
  /** y = cos(x); dx = -g sin(x). */
  COS {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.op("Neg", e.mul(g, e.op("Sin", x)));
    }
  },
  /** y = erf(x); dx = g 2/sqrt(pi) exp(-x^2). */
  ERF {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      String bell = e.op("Exp", e.op("Neg", e.mul(x, x)));
      return e.mul(e.scale(g, 2 / Math.sqrt(Math.PI), type), bell);
    }
  },
  /** y = tanh(x); dx = g (1 - y^2). */
  TANH {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, e.sub(e.scalar(type, 1), e.mul(y, y)));
    }
  },
  /** y = 1/(1 + exp(-x)); dx = g y (1 - y). */
  SIGMOID {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, e.mul(y, e.sub(e.scalar(type, 1), y)));
    }
  },
  /** y = log(1 + exp(x)); dx = g sigmoid(x). */
  SOFTPLUS {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.mul(g, e.op("Sigmoid", x));
    }
  },
  /** y = max(x, 0); dx = g where y &gt; 0, else 0. */
  RELU {
    @Override
    String dx(Emitter e, String g, String x, String y, DataType type) {
      return e.keepWhere(e.op("Greater", y, e.scalar(type, 0)), g, type);
    }
  };

  abstract String dx(Emitter e, String g, String x, String y, DataType type);

  @Override
  public void emit(Vjp v) {
    v.give(0, dx(v.emit(), v.grad(), v.in(0), v.out(0), v.factIn(0).type()));
  }
}
