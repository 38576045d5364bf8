package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.trainer.autodiff.RuleCase.Body;
import java.util.ArrayList;
import java.util.List;

/** Cases of the rules that add over an axis: products, norms, reductions, losses. */
final class ProductCases {
  private ProductCases() {}

  static void addTo(List<RuleCase> cases) {
    products(cases);
    normalisers(cases);
    reductions(cases);
    losses(cases);
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
}
