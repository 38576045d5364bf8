package io.sluice.backbone.form;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sum, the vector added to one side of it and the LayerNormalization of it as one
 * SkipLayerNormalization that gives the sum as well: what an encoder that normalises first does
 * between any two of its sublayers.
 *
 * <p>ONNX Runtime joins them itself where nothing but the norm reads the sum. One side has to be
 * what a product gave, so that it is known to have all rows and tokens; a sum that broadcasts is
 * left alone. The kernel takes a variance as a mean of squares less the square of the mean, so the
 * more the mean of a token's values exceeds their deviation, the fewer digits are left.
 */
final class SumNormForm {
  private static final String PRODUCT = "MatMul";
  private static final String PRODUCT_IN_8_BITS = "MatMulIntegerToFloat";
  private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");

  /** How far up a product is looked for. */
  private static final int NEAR = 3;

  private final Graph graph;
  private final Norms norms;
  private final Ranks ranks;
  private final Map<String, Node> producers;

  /** By the sum. */
  private final Map<Node, Node> joined = new HashMap<>();

  /** What the joined ones do as well. */
  private final Set<Node> done = new HashSet<>();

  private SumNormForm(Graph graph) {
    this.graph = graph;
    this.ranks = Ranks.of(graph);
    this.norms = new Norms(graph, ranks);
    this.producers = graph.producers();
  }

  static Graph of(Graph graph) {
    SumNormForm form = new SumNormForm(graph);
    graph.nodes().forEach(form::join);
    return form.joined.isEmpty() ? graph : form.rewrite();
  }

  private Graph rewrite() {
    GraphBuilder rewritten = new GraphBuilder(graph.name(), graph.opsets());
    graph.inputs().forEach(rewritten::input);
    graph.initializers().forEach(rewritten::initializer);
    for (Node node : graph.nodes()) {
      Node one = joined.get(node);
      if (one != null) {
        rewritten.add(one);
      } else if (!done.contains(node)) {
        rewritten.add(node);
      }
    }
    graph.outputs().forEach(rewritten::output);
    return rewritten.build();
  }

  private void join(Node norm) {
    if (!norms.isOverLastOfThree(norm)) {
      return;
    }
    Node sum = norms.sum(norm);
    if (sum == null || joined.containsKey(sum) || norms.isPrivate(sum)) {
      return;
    }
    String one = sum.inputs().get(0);
    String other = sum.inputs().get(1);
    if (isWhole(one, NEAR) && isOfThree(other)) {
      join(norm, sum, one, other);
    } else if (isWhole(other, NEAR) && isOfThree(one)) {
      join(norm, sum, other, one);
    }
  }

  private void join(Node norm, Node sum, String product, String other) {
    String input = product;
    String vector = "";
    Node shift = producers.get(product);
    if (shift != null && shift.is("Add") && norms.isPrivate(shift)) {
      for (int i = 0; i < 2; i++) {
        if (ranks.of(shift.inputs().get(i)).orElse(0) == 1) {
          vector = shift.inputs().get(i);
          input = shift.inputs().get(1 - i);
          done.add(shift);
          break;
        }
      }
    }
    List<String> inputs = new ArrayList<>(List.of(input, other, norm.inputs().get(1)));
    @Nullable String beta = norm.input(2);
    inputs.add(beta == null ? "" : beta);
    if (!vector.isEmpty()) {
      inputs.add(vector);
    }
    float epsilon = norm.floatAttribute("epsilon", Norms.DEFAULT_EPSILON);
    joined.put(
        sum,
        new Node(
            Node.MICROSOFT,
            "SkipLayerNormalization",
            norm.name(),
            inputs,
            List.of(norm.outputs().get(0), "", "", sum.outputs().get(0)),
            Map.of("epsilon", Attribute.of(epsilon))));
    done.add(norm);
  }

  private boolean isOfThree(String tensor) {
    return ranks.of(tensor).orElse(0) == 3 && !graph.initializers().containsKey(tensor);
  }

  /** Whether a tensor of three axes comes from a product near by, so that it has them in full. */
  private boolean isWhole(String tensor, int near) {
    Node maker = isOfThree(tensor) ? producers.get(tensor) : null;
    if (maker == null) {
      return false;
    }
    return maker.is(PRODUCT)
        || maker.op().equals(PRODUCT_IN_8_BITS)
        || (near > 0
            && ELEMENTWISE.contains(maker.op())
            && maker.inputs().stream().anyMatch(input -> isWhole(input, near - 1)));
  }
}
