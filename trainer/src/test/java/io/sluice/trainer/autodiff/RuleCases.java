package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.autodiff.RuleCase.Body;
import io.sluice.trainer.autodiff.RuleCase.Draw;
import java.util.ArrayList;
import java.util.List;

/** One case or more for every rule; sizes are small, symbolic where a real graph's are, and odd. */
final class RuleCases {

  private RuleCases() {}

  static List<RuleCase> all() {
    List<RuleCase> cases = new ArrayList<>();
    unary(cases);
    arithmetic(cases);
    choices(cases);
    products(cases);
    gelus(cases);
    normalisers(cases);
    reductions(cases);
    losses(cases);
    gathers(cases);
    shapes(cases);
    slices(cases);
    return cases;
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

  private static void products(List<RuleCase> cases) {
    cases.add(RuleCase.of("MatMul matrices", c -> c.y(c.op("MatMul", c.x(3, 4), c.x(4, 2)))));
    cases.add(
        RuleCase.of("MatMul weight", c -> c.y(c.op("MatMul", c.x("batch", "seq", 4), c.x(4, 2)))));
    cases.add(
        RuleCase.of(
            "MatMul weight on the left", c -> c.y(c.op("MatMul", c.x(5, 4), c.x("batch", 4, 2)))));
    cases.add(
        RuleCase.of(
            "MatMul heads",
            c -> c.y(c.op("MatMul", c.x("batch", 2, "seq", 3), c.x("batch", 2, 3, "seq")))));
    cases.add(
        RuleCase.of(
            "MatMul heads, broadcast batch",
            c -> c.y(c.op("MatMul", c.x(1, 2, "seq", 3), c.x("batch", 1, 3, 2)))));
    cases.add(
        RuleCase.of("MatMul row of vectors", c -> c.y(c.op("MatMul", c.x(4), c.x("batch", 4, 2)))));
    cases.add(
        RuleCase.of(
            "MatMul column vector", c -> c.y(c.op("MatMul", c.x("batch", "seq", 4), c.x(4)))));
    cases.add(RuleCase.of("MatMul two vectors", c -> c.y(c.op("MatMul", c.x(4), c.x(4)))));
    for (int form = 0; form < 4; form++) {
      long transA = form & 1;
      long transB = form >> 1;
      String which = " transA " + transA + " transB " + transB;
      cases.add(
          RuleCase.of(
              "Gemm" + which,
              c ->
                  c.y(
                      c.op(
                          "Gemm",
                          List.of(
                              transA == 1 ? c.x(4, "batch") : c.x("batch", 4),
                              transB == 1 ? c.x(3, 4) : c.x(4, 3),
                              c.x(3)),
                          "transA",
                          transA,
                          "transB",
                          transB,
                          "alpha",
                          0.7f,
                          "beta",
                          1.3f))));
      cases.add(
          RuleCase.floatOnly(
              "FusedMatMul" + which,
              c ->
                  c.y(
                      fused(
                          c,
                          transA == 1 ? c.x("batch", 2, 3, "seq") : c.x("batch", 2, "seq", 3),
                          transB == 1 ? c.x("batch", 2, 5, 3) : c.x("batch", 2, 3, 5),
                          transA,
                          transB))));
      cases.add(
          RuleCase.floatOnly(
              "FusedMatMul weight" + which,
              c ->
                  c.y(
                      fused(
                          c,
                          transA == 1 ? c.x("batch", 3, "seq") : c.x("batch", "seq", 3),
                          transB == 1 ? c.x(5, 3) : c.x(3, 5),
                          transA,
                          transB))));
    }
    cases.add(
        RuleCase.of("Gemm without c", c -> c.y(c.op("Gemm", List.of(c.x("batch", 4), c.x(4, 3))))));
    cases.add(
        RuleCase.of(
            "low-rank pair",
            c ->
                c.y(c.op("MatMul", c.op("MatMul", c.x("batch", "seq", 4), c.x(4, 2)), c.x(2, 4)))));
  }

  private static String fused(Body c, String a, String b, long transA, long transB) {
    return c.ops(
            Node.MICROSOFT,
            "FusedMatMul",
            1,
            List.of(a, b),
            "transA",
            transA,
            "transB",
            transB,
            "alpha",
            0.4f)
        .get(0);
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

  private static void normalisers(List<RuleCase> cases) {
    for (String op : List.of("Softmax", "LogSoftmax")) {
      cases.add(RuleCase.of(op + " last", c -> c.y(c.op(op, List.of(c.x("batch", "seq", 4))))));
      cases.add(
          RuleCase.of(
              op + " inner axis", c -> c.y(c.op(op, List.of(c.x("batch", 4, "seq")), "axis", 1))));
    }
    cases.add(
        RuleCase.of(
            "Softmax with a masked place",
            c -> {
              TensorData mask =
                  GradientCheck.tensor(c.type, new double[] {0, 0, -1e30, 0}, 1, 1, 4);
              String scores = c.op("Add", c.x("batch", "seq", 4), c.fixed(mask));
              c.y(c.op("Softmax", List.of(scores)));
            }));
    for (int outputs : new int[] {1, 3}) {
      cases.add(
          RuleCase.of(
              "LayerNormalization with " + outputs + " outputs",
              c -> c.y(layerNorm(c, outputs, -1, c.x("batch", "seq", 4), c.x(4), c.x(4)))));
      cases.add(
          RuleCase.of(
              "LayerNormalization over two axes, without bias, with " + outputs + " outputs",
              c -> c.y(layerNorm(c, outputs, 1, c.x("batch", 3, 4), c.x(3, 4)))));
    }
    cases.add(
        RuleCase.of(
            "layer norm of primitives",
            c -> {
              String x = c.x("batch", "seq", 4);
              String mean = c.e.reduceMean(x, List.of(2), true);
              String d = c.op("Sub", x, mean);
              String var = c.e.reduceMean(c.op("Pow", d, c.real(2)), List.of(2), true);
              String deviation = c.op("Sqrt", c.op("Add", var, c.real(1e-3)));
              String y = c.op("Div", d, deviation);
              c.y(c.op("Add", c.op("Mul", y, c.x(4)), c.x(4)));
            }));
    for (boolean sum : new boolean[] {false, true}) {
      cases.add(
          RuleCase.floatOnly(
              "SkipLayerNormalization" + (sum ? " and its sum" : ""),
              c -> {
                List<String> inputs =
                    List.of(c.x("batch", "seq", 4), c.x("batch", "seq", 4), c.x(4), c.x(4), c.x(4));
                List<String> outputs = sum ? List.of("normal", "", "", "sum") : List.of("normal");
                c.b.add(
                    new Node(
                        Node.MICROSOFT,
                        "SkipLayerNormalization",
                        "",
                        inputs,
                        outputs,
                        Body.attributes("epsilon", 1e-3f)));
                outputs.stream().filter(name -> !name.isEmpty()).forEach(c::y);
              }));
    }
    cases.add(
        RuleCase.of("CumSum", c -> c.y(c.op("CumSum", c.x("batch", "seq", 2), c.e.longs(1L)))));
    cases.add(
        RuleCase.of(
            "CumSum exclusive and reverse",
            c ->
                c.y(
                    c.op(
                        "CumSum",
                        List.of(c.x("batch", "seq", 2), c.e.longs(1L)),
                        "exclusive",
                        1,
                        "reverse",
                        1))));
  }

  private static String layerNorm(Body c, int outputs, long axis, String... inputs) {
    if (c.b.opset() < 17) {
      return c.op("Identity", inputs[0]);
    }
    return c.ops("", "LayerNormalization", outputs, List.of(inputs), "axis", axis, "epsilon", 1e-3f)
        .get(0);
  }

  private static void reductions(List<RuleCase> cases) {
    for (String op :
        List.of(
            "ReduceSum",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceLogSumExp",
            "ReduceSumSquare",
            "ReduceL2")) {
      cases.add(RuleCase.of(op + " last", c -> c.y(reduce(c, op, 1, -1L))));
      cases.add(RuleCase.of(op + " two, lost", c -> c.y(reduce(c, op, 0, 0L, 2L))));
      cases.add(RuleCase.of(op + " symbolic", c -> c.y(reduce(c, op, 0, 1L))));
      cases.add(
          RuleCase.of(
              op + " all", c -> c.y(c.op(op, List.of(c.x("batch", "seq", 3)), "keepdims", 0))));
    }
    cases.add(
        RuleCase.of(
            "ReduceSum of nothing",
            c -> c.y(c.op("ReduceSum", List.of(c.x("batch", 3)), "noop_with_empty_axes", 1))));
    cases.add(
        RuleCase.of(
            "masked mean",
            c -> {
              TensorData mask = GradientCheck.tensor(c.type, new double[] {1, 0.5, 0}, 1, 3, 1);
              String sum =
                  c.e.reduceSum(c.op("Mul", c.x("batch", 3, 4), c.fixed(mask)), List.of(1), false);
              c.y(c.op("Div", sum, c.real(1.5)));
            }));
  }

  private static String reduce(Body c, String op, long keep, long... axes) {
    String x = c.x("batch", "seq", 3);
    return op.equals("ReduceSum") || c.b.opset() >= 18
        ? c.op(op, List.of(x, c.e.longs(axes)), "keepdims", keep)
        : c.op(op, List.of(x), "keepdims", keep, "axes", axes);
  }

  private static void losses(List<RuleCase> cases) {
    for (String reduction : List.of("mean", "sum", "none")) {
      cases.add(
          RuleCase.floatOnly(
              "SoftmaxCrossEntropyLoss " + reduction,
              c -> {
                String labels = c.fixed(TensorData.longs(new long[] {2, 0, 1, 2}, 4));
                c.y(
                    c.op(
                        "SoftmaxCrossEntropyLoss",
                        List.of(c.x(4, 3), labels),
                        "reduction",
                        reduction));
              }));
      cases.add(
          RuleCase.floatOnly(
              "SoftmaxCrossEntropyLoss weighted, ignoring, over positions, " + reduction,
              c -> {
                long[] values = {2, -100, 1, 0, 0, -100};
                String labels = c.fixed(TensorData.longs(values, 3, 2));
                String weights =
                    c.fixed(GradientCheck.tensor(c.type, new double[] {0.5, 2, 1.25}, 3));
                c.y(
                    c.ops(
                            "",
                            "SoftmaxCrossEntropyLoss",
                            2,
                            List.of(c.x(3, 3, 2), labels, weights),
                            "reduction",
                            reduction,
                            "ignore_index",
                            -100)
                        .toArray(String[]::new));
              }));
    }
    cases.add(
        RuleCase.floatOnly(
            "span loss: start and end over positions, one outside the window",
            c -> {
              List<String> columns =
                  c.ops("", "Split", 2, List.of(c.x(3, 4, 2), c.e.longs(1, 1)), "axis", 2);
              List<String> halves = new ArrayList<>();
              long[][] positions = {{0, 2, -100}, {1, 3, -100}};
              for (int i = 0; i < 2; i++) {
                String logits = c.op("Squeeze", columns.get(i), c.e.longs(2));
                String labels = c.fixed(TensorData.longs(positions[i], 3));
                List<String> inputs = List.of(logits, labels);
                halves.add(c.op("SoftmaxCrossEntropyLoss", inputs, "ignore_index", -100));
              }
              String sum = c.op("Add", halves.get(0), halves.get(1));
              c.y(c.op("Mul", sum, c.real(0.5)));
            }));
  }

  private static void gathers(List<RuleCase> cases) {
    String index = "Gather ";
    for (int axis = 0; axis < 3; axis++) {
      long at = axis;
      cases.add(
          RuleCase.of(
              index + "rows along " + axis,
              c -> {
                String rows = c.fixed(TensorData.longs(new long[] {1, 0, 1, -1}, 2, 2));
                c.y(c.op("Gather", List.of(c.x(3, 2, 4), rows), "axis", at));
              }));
      for (long position : new long[] {0, 1, -1, -2}) {
        cases.add(
            RuleCase.of(
                index + "position " + position + " of known axis " + axis,
                c ->
                    c.y(
                        c.op(
                            "Gather",
                            List.of(c.x(2, 3, 2), c.b.constant(TensorData.scalar(position))),
                            "axis",
                            at))));
      }
    }
    cases.add(
        RuleCase.of(
            index + "first token",
            c ->
                c.y(
                    c.op(
                        "Gather",
                        List.of(c.x("batch", "seq", 4), c.b.constant(TensorData.scalar(0L))),
                        "axis",
                        1))));
    cases.add(
        RuleCase.of(
            index + "last token, kept",
            c -> c.y(c.op("Gather", List.of(c.x("batch", "seq", 4), c.e.longs(-1L)), "axis", 1))));
    cases.add(
        RuleCase.of(
            index + "one position by a matrix of one",
            c -> {
              String one = c.b.constant(TensorData.longs(new long[] {1}, 1, 1));
              c.y(c.op("Gather", List.of(c.x("batch", 3, 4), one), "axis", 1));
            }));
    cases.add(
        RuleCase.of(
            "GatherElements",
            c -> {
              String picked = c.fixed(TensorData.longs(new long[] {1, 0, 1, 2, 2, 2}, 2, 3));
              c.y(c.op("GatherElements", List.of(c.x(2, 3), picked), "axis", 1));
            }));
    cases.add(
        RuleCase.of(
            "GatherND",
            c -> {
              String tuples = c.fixed(TensorData.longs(new long[] {1, 0, 0, 1, 1, 0}, 3, 2));
              c.y(c.op("GatherND", c.x(2, 2, 3), tuples));
            }));
  }

  private static void shapes(List<RuleCase> cases) {
    cases.add(
        RuleCase.of("Transpose reversed", c -> c.y(c.op("Transpose", c.x("batch", "seq", 2)))));
    cases.add(
        RuleCase.of(
            "Transpose heads",
            c ->
                c.y(
                    c.op(
                        "Transpose",
                        List.of(c.x("batch", "seq", 2, 3)),
                        "perm",
                        new long[] {0, 2, 3, 1}))));
    cases.add(
        RuleCase.of(
            "Reshape into heads",
            c -> c.y(c.op("Reshape", c.x("batch", "seq", 6), c.e.longs(0, 0, 2, 3)))));
    cases.add(
        RuleCase.of(
            "Reshape to rows",
            c -> c.y(c.op("Reshape", c.x("batch", "seq", 6), c.e.longs(-1, 6)))));
    cases.add(
        RuleCase.of(
            "Reshape of two lost symbols",
            c -> c.y(c.op("Reshape", c.x("batch", "seq"), c.e.longs(-1)))));
    cases.add(
        RuleCase.of(
            "Squeeze and Unsqueeze",
            c -> {
              String x = c.op("Unsqueeze", c.x("batch", 1, 3), c.e.longs(0, -1));
              c.y(c.op("Squeeze", x, c.e.longs(2, 0)));
            }));
    cases.add(RuleCase.of("Squeeze all ones", c -> c.y(c.op("Squeeze", c.x(3, 1, 2)))));
    cases.add(
        RuleCase.of(
            "Flatten", c -> c.y(c.op("Flatten", List.of(c.x("batch", "seq", 3)), "axis", 2))));
    cases.add(
        RuleCase.of("Expand", c -> c.y(c.op("Expand", c.x("batch", 1, 3), c.e.longs(2, 1, 4, 3)))));
    cases.add(RuleCase.of("Tile", c -> c.y(c.op("Tile", c.x("batch", 3), c.e.longs(2, 3)))));
    cases.add(
        RuleCase.of(
            "Concat of known lengths",
            c ->
                c.y(
                    c.op(
                        "Concat",
                        List.of(c.x("batch", 2), c.x("batch", 3), c.x("batch", 1)),
                        "axis",
                        -1))));
    cases.add(
        RuleCase.of(
            "Concat of symbolic lengths",
            c ->
                c.y(
                    c.op(
                        "Concat", List.of(c.x("batch", 2), c.x("seq", 2), c.x(1, 2)), "axis", 0))));
    cases.add(
        RuleCase.of(
            "Split, one part unused",
            c -> {
              List<String> parts =
                  c.ops(
                      "",
                      "Split",
                      3,
                      List.of(c.x("batch", "seq", 6), c.e.longs(2, 1, 3)),
                      "axis",
                      2);
              c.y(parts.get(0), parts.get(2));
            }));
    cases.add(RuleCase.of("Pad", c -> c.y(c.op("Pad", c.x("batch", 3), c.e.longs(1, 0, 2, 1)))));
    cases.add(
        RuleCase.of(
            "Pad that cuts", c -> c.y(c.op("Pad", c.x("batch", 3), c.e.longs(0, -1, 1, 1)))));
    cases.add(
        RuleCase.of(
            "Pad of chosen axes",
            c -> {
              String x = c.x("batch", 3);
              c.y(
                  c.b.opset() >= 18
                      ? c.op("Pad", x, c.e.longs(1, 2), c.real(0), c.e.longs(-1))
                      : c.op("Identity", x));
            }));
  }

  private static void slices(List<RuleCase> cases) {
    slice(cases, "known axis", new Object[] {"batch", 6}, 1, 4, 1, 1);
    slice(cases, "symbolic axis from the start", new Object[] {"seq", 2}, 0, 2, 0, 1);
    slice(
        cases, "symbolic axis without its first", new Object[] {"seq", 2}, 1, Long.MAX_VALUE, 0, 1);
    slice(cases, "symbolic axis without its last", new Object[] {"seq", 2}, 0, -1, 0, 1);
    slice(cases, "last of a symbolic axis", new Object[] {"seq", 2}, -1, Long.MAX_VALUE, 0, 1);
    slice(cases, "last two of a known axis", new Object[] {"batch", 5}, -2, Long.MAX_VALUE, 1, 1);
    slice(cases, "every second", new Object[] {"batch", 6}, 1, 6, 1, 2);
    slice(cases, "every second of a symbolic axis", new Object[] {"seq", 2}, 0, 9, 0, 2);
    slice(cases, "backwards", new Object[] {"batch", 5}, -1, Long.MIN_VALUE, 1, -1);
    slice(cases, "backwards by two", new Object[] {"batch", 5}, 4, 0, 1, -2);
    cases.add(
        RuleCase.of(
            "Slice of two axes, one by two",
            c ->
                c.y(
                    c.op(
                        "Slice",
                        c.x("batch", "seq", 5),
                        c.e.longs(0, 1),
                        c.e.longs(9, 4),
                        c.e.longs(1, 2),
                        c.e.longs(2, 1)))));
    cases.add(
        RuleCase.of(
            "Slice with computed ends",
            c -> {
              String x = c.x("batch", "seq", 2);
              String end = c.op("Slice", c.op("Shape", x), c.e.longs(1L), c.e.longs(2L));
              String start = c.op("Sub", end, c.e.longs(2L));
              c.y(c.op("Slice", x, start, end, c.e.longs(1L)));
            }));
    cases.add(
        RuleCase.of(
            "Slice of leading axes",
            c -> c.y(c.op("Slice", c.x(4, 3), c.e.longs(1, 0), c.e.longs(3, 2)))));
  }

  private static void slice(
      List<RuleCase> cases,
      String which,
      Object[] shape,
      long start,
      long end,
      long axis,
      long step) {
    cases.add(
        RuleCase.of(
            "Slice " + which,
            c ->
                c.y(
                    c.op(
                        "Slice",
                        c.x(shape),
                        c.e.longs(start),
                        c.e.longs(end),
                        c.e.longs(axis),
                        c.e.longs(step)))));
  }
}
