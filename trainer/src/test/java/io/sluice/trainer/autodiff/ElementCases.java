package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.autodiff.RuleCase.Draw;
import java.util.List;

/** Cases of the rules that go element by element. */
final class ElementCases {
  private ElementCases() {}

  static void addTo(List<RuleCase> cases) {
    unary(cases);
    arithmetic(cases);
    choices(cases);
    gelus(cases);
  }

  private static void unary(List<RuleCase> cases) {
    for (String op : List.of("Neg", "Exp", "Sin", "Cos", "Tanh", "Sigmoid", "Identity")) {
      cases.add(RuleCase.of(op, c -> c.y(c.op(op, c.x("batch", 5)))));
    }
    for (String op : List.of("Sqrt", "Log", "Reciprocal")) {
      cases.add(RuleCase.of(op, c -> c.y(c.op(op, c.x(Draw.POSITIVE, "batch", 5)))));
    }
    for (String op : List.of("Abs", "Relu")) {
      cases.add(RuleCase.of(op, c -> c.y(c.op(op, c.x(Draw.OFF_CORNERS, "batch", 5)))));
    }
    cases.add(RuleCase.floatOnly("Softplus", c -> c.y(c.op("Softplus", c.x("batch", 5)))));
    cases.add(RuleCase.floatOnly("Erf", c -> c.y(c.op("Erf", c.x("batch", 5)))));
    for (String op : List.of("Ceil", "Floor", "Round", "Sign")) {
      cases.add(
          RuleCase.of(
              op,
              c -> {
                String x = c.x(Draw.OFF_CORNERS, "batch", 5);
                c.y(c.op("Mul", x, c.op(op, x)));
              }));
    }
    for (String op : List.of("RandomNormalLike", "RandomUniformLike")) {
      cases.add(
          RuleCase.of(
              op,
              c -> {
                String x = c.x("batch", 5);
                c.y(c.op("Add", x, c.op("Mul", c.op(op, x), c.real(0))));
              }));
    }
    cases.add(
        RuleCase.floatOnly(
            "Cast to and fro",
            c -> {
              String there = c.e.cast(c.x("batch", 5), DataType.DOUBLE);
              c.y(c.e.cast(c.op("Mul", there, there), c.type));
            }));
    cases.add(RuleCase.of("Dropout of inference", c -> c.y(c.op("Dropout", c.x("batch", 5)))));
    cases.add(
        RuleCase.of(
            "Dropout of training at rate 0",
            c -> {
              String ratio = c.b.constant(TensorData.scalar(0f));
              String training = c.b.constant(TensorData.bools(new boolean[] {true}));
              c.y(c.ops("", "Dropout", 2, List.of(c.x("batch", 5), ratio, training)).get(0));
            }));
  }

  private static void arithmetic(List<RuleCase> cases) {
    for (String op : List.of("Add", "Sub", "Mul", "Div")) {
      cases.add(
          RuleCase.of(
              op + " alike", c -> c.y(c.op(op, c.x("batch", 4), c.x(Draw.POSITIVE, "batch", 4)))));
      cases.add(
          RuleCase.of(
              op + " vector on the right",
              c -> c.y(c.op(op, c.x("batch", "seq", 4), c.x(Draw.POSITIVE, 4)))));
      cases.add(
          RuleCase.of(
              op + " ones on the left",
              c -> c.y(c.op(op, c.x(1, "seq", 1), c.x(Draw.POSITIVE, "batch", "seq", 4)))));
      cases.add(
          RuleCase.of(
              op + " both ways",
              c -> c.y(c.op(op, c.x("batch", 1, 4), c.x(Draw.POSITIVE, "seq", 1)))));
      cases.add(
          RuleCase.of(op + " scalar", c -> c.y(c.op(op, c.x("batch", 4), c.x(Draw.POSITIVE)))));
      cases.add(
          RuleCase.of(
              op + " with itself",
              c -> {
                String x = c.x(Draw.POSITIVE, "batch", 4);
                c.y(c.op(op, x, x));
              }));
    }
    cases.add(
        RuleCase.of(
            "Mul scalar gate of one element",
            c -> c.y(c.op("Mul", c.x("batch", "seq", 4), c.x(1)))));
    cases.add(
        RuleCase.of(
            "Sum of three, broadcast",
            c -> c.y(c.op("Sum", c.x("batch", 4), c.x(4), c.x("batch", 1)))));
    for (double p : new double[] {0.5, 1, 2, 3, -1.5}) {
      cases.add(
          RuleCase.of(
              "Pow " + p, c -> c.y(c.op("Pow", c.x(Draw.POSITIVE, "batch", 4), c.real(p)))));
    }
    cases.add(
        RuleCase.of(
            "Pow with an integer exponent",
            c -> c.y(c.op("Pow", c.x("batch", 4), c.b.constant(TensorData.scalar(2L))))));
    cases.add(
        RuleCase.of(
            "Pow with a fed exponent",
            c -> {
              TensorData p = GradientCheck.tensor(c.type, new double[] {2, 0.5, 3, 1.5}, 4);
              c.y(c.op("Pow", c.x(Draw.POSITIVE, "batch", 4), c.fixed(p)));
            }));
  }

  private static void choices(List<RuleCase> cases) {
    for (String op : List.of("Max", "Min")) {
      cases.add(
          RuleCase.of(
              op + " with a constant",
              c -> c.y(c.op(op, c.x(Draw.OFF_CORNERS, "batch", 4), c.real(0)))));
      cases.add(
          RuleCase.of(
              op + " of three, broadcast",
              c ->
                  c.y(
                      c.op(
                          op,
                          c.x(Draw.OFF_CORNERS, "batch", 4),
                          c.op("Mul", c.x(Draw.OFF_CORNERS, 4), c.real(1.37)),
                          c.real(-0.5)))));
    }
    cases.add(
        RuleCase.of(
            "Clip on both sides",
            c -> c.y(c.op("Clip", c.x(Draw.OFF_CORNERS, "batch", 4), c.real(-1), c.real(1)))));
    cases.add(
        RuleCase.of(
            "Clip from above",
            c -> c.y(c.op("Clip", c.x(Draw.OFF_CORNERS, "batch", 4), "", c.real(1)))));
    cases.add(
        RuleCase.of(
            "hard-concrete gate",
            c -> {
              // s = sigmoid(x), stretched to (-0.1, 1.1), cut to 0..1: most rows are inside.
              String s = c.op("Sigmoid", c.x("batch", 4));
              String stretched = c.op("Sub", c.op("Mul", s, c.real(1.2)), c.real(0.1));
              c.y(c.op("Clip", stretched, c.real(0), c.real(1)));
            }));
    cases.add(
        RuleCase.of(
            "Where, both broadcast",
            c -> {
              String condition =
                  c.b.constant(TensorData.bools(new boolean[] {true, false, false, true}, 1, 1, 4));
              c.y(c.op("Where", condition, c.x("batch", "seq", 4), c.x("seq", 1)));
            }));
    cases.add(
        RuleCase.of(
            "Where against a constant",
            c -> {
              String x = c.x(Draw.OFF_CORNERS, "batch", 4);
              c.y(c.op("Where", c.op("Less", x, c.real(0)), c.real(-7), x));
            }));
  }

  private static void gelus(List<RuleCase> cases) {
    for (String op : List.of("Gelu", "FastGelu", "QuickGelu")) {
      cases.add(
          RuleCase.floatOnly(
              "com.microsoft " + op,
              c -> c.y(c.ops(Node.MICROSOFT, op, 1, List.of(c.x("batch", 5))).get(0))));
    }
    cases.add(
        RuleCase.floatOnly(
            "com.microsoft BiasGelu",
            c ->
                c.y(
                    c.ops(Node.MICROSOFT, "BiasGelu", 1, List.of(c.x("batch", "seq", 5), c.x(5)))
                        .get(0))));
    cases.add(
        RuleCase.floatOnly(
            "com.microsoft FastGelu with bias",
            c ->
                c.y(
                    c.ops(Node.MICROSOFT, "FastGelu", 1, List.of(c.x("batch", "seq", 5), c.x(5)))
                        .get(0))));
    for (String form : List.of("none", "tanh")) {
      cases.add(
          RuleCase.floatOnly(
              "Gelu of opset 20, " + form,
              c -> {
                String x = c.x("batch", 5);
                c.y(
                    c.b.opset() >= 20
                        ? c.op("Gelu", List.of(x), "approximate", form)
                        : c.op("Identity", x));
              }));
    }
  }
}
