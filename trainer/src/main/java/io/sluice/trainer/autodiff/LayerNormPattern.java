package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * w d / sqrt(mean(d^2) + epsilon) + b with d = x - mean(x), over the last axis, as one
 * LayerNormalization; from opset 17 on, which has it.
 */
final class LayerNormPattern implements Pattern {

  @Override
  public Match at(Node last, Subject graph) {
    if (graph.opset() < 17 || !last.is("Add")) {
      return Match.NONE;
    }
    for (int i = 0; i < 2; i++) {
      Node mul = graph.inner(last, i, "Mul");
      String bias = last.input(1 - i);
      if (mul != null && isVector(bias, graph)) {
        for (int j = 0; j < 2; j++) {
          String weight = mul.input(1 - j);
          Node div = graph.inner(mul, j, "Div");
          if (div != null && isVector(weight, graph)) {
            return normal(last, mul, div, weight, bias, graph);
          }
        }
      }
    }
    return Match.NONE;
  }

  private static Match normal(
      Node last,
      Node mul,
      Node div,
      @Nullable String weight,
      @Nullable String bias,
      Subject graph) {
    Node centred = graph.maker(div.input(0), "Sub");
    Node root = graph.inner(div, 1, "Sqrt");
    Node sum = root == null ? null : graph.inner(root, 0, "Add");
    String variance = sum == null ? null : graph.other(sum);
    Node mean = graph.maker(variance, "ReduceMean");
    if (centred == null
        || root == null
        || sum == null
        || mean == null
        || weight == null
        || bias == null) {
      return Match.NONE;
    }
    double epsilon = graph.scalarOf(sum);
    Node square = square(mean, centred.outputs().get(0), graph);
    Node centre = graph.inner(centred, 1, "ReduceMean");
    String x = centred.input(0);
    if (square == null
        || centre == null
        || x == null
        || !x.equals(centre.input(0))
        || !graph.isPrivate(mean)
        || !isLastAxis(mean, graph)
        || !isLastAxis(centre, graph)
        || graph.isOutput(centred.outputs().get(0))
        || graph.readers(centred.outputs().get(0)) != 1 + squareReads(square)) {
      return Match.NONE;
    }
    Node written =
        new Node(
            "",
            "LayerNormalization",
            last.name(),
            List.of(x, weight, bias),
            last.outputs(),
            Map.of("axis", Attribute.of(-1L), "epsilon", Attribute.of((float) epsilon)));
    return new Match(
        Set.of(last, mul, div, root, sum, mean, square, centred, centre), List.of(written));
  }

  private static @Nullable Node square(Node mean, String centred, Subject graph) {
    Node pow = graph.inner(mean, 0, "Pow");
    if (pow != null) {
      boolean two = Subject.close(graph.scalar(pow.input(1)), 2);
      return two && centred.equals(pow.input(0)) ? pow : null;
    }
    Node mul = graph.inner(mean, 0, "Mul");
    return mul != null && mul.inputs().stream().allMatch(centred::equals) ? mul : null;
  }

  private static int squareReads(Node square) {
    return square.is("Mul") ? 2 : 1;
  }

  private static boolean isLastAxis(Node mean, Subject graph) {
    List<Long> axes = mean.intsAttribute("axes", List.of());
    TensorData given = graph.constant(mean.input(1));
    if (given != null && given.elements() == 1) {
      axes = List.of(given.toLongs()[0]);
    }
    return axes.equals(List.of(-1L)) && mean.intAttribute("keepdims", 1) == 1;
  }

  private static boolean isVector(@Nullable String tensor, Subject graph) {
    TensorData value = graph.constant(tensor);
    return value != null && value.rank() == 1;
  }
}
