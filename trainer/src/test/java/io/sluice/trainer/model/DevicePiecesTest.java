package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class DevicePiecesTest {
  private static final int HIDDEN = 16;
  private static final int POINTS = 3;

  @Test
  void graph_onADevice_takesApartAndPutsTogetherInOneNodeEach() {
    Graph graph = graph();
    assertThat(graph.nodes()).extracting(Node::op).doesNotContain("Split", "Concat", "Slice");
    Node apart = only(graph, "SplitPieces");
    Node together = only(graph, "JoinPieces");
    assertThat(together.inputs()).hasSameSizeAs(apart.outputs());
    assertThat(together.outputs()).containsExactly(Tensors.GRADIENTS);
    TensorData table = requireNonNull(graph.initializers().get(apart.inputs().get(1)));
    assertThat(table.toFloats())
        .startsWith(2, HIDDEN, 2, 1, 2, 2, 2, HIDDEN, 1, HIDDEN)
        .endsWith(2, HIDDEN, 3, 1, 3);
  }

  @Test
  void graph_onADevice_isInOrder() {
    Graph graph = graph();
    Set<String> known = new HashSet<>(graph.initializers().keySet());
    graph.inputs().forEach(input -> known.add(input.name()));
    for (Node node : graph.nodes()) {
      assertThat(known).as(node.op()).containsAll(node.reads());
      known.addAll(node.writes());
    }
    assertThat(known).contains(Tensors.LOSS, Tensors.GRADIENTS);
  }

  @Test
  void gradients_onADevice_comeWithTheHighestLast() {
    Graph graph = graph();
    List<String> made = graph.nodes().stream().map(node -> node.outputs().get(0)).toList();
    List<String> gradients = only(graph, "JoinPieces").inputs();
    // Four weights for each adapter, the lowest first; then the head's.
    int lowest = made.indexOf(gradients.get(0));
    int highest = made.indexOf(gradients.get(4 * (POINTS - 1)));
    assertThat(highest).isGreaterThan(lowest);
    assertThat(made.indexOf(Tensors.LOSS)).isGreaterThan(made.indexOf(Tensors.GRADIENTS));
  }

  private static Node only(Graph graph, String op) {
    List<Node> found = graph.nodes().stream().filter(node -> node.op().equals(op)).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  /** A bottleneck on a bottleneck on a bottleneck, and a head. */
  private static Graph graph() {
    LinearHead head = new LinearHead(Pooling.FIRST, 3);
    List<Candidate> candidates =
        SearchSpace.of(
                IntStream.rangeClosed(1, POINTS).boxed().toList(),
                List.of(new BottleneckSequential(2)))
            .candidates();
    GraphBuilder graph = new GraphBuilder("chain", 18);
    String x = graph.input("x", DataType.FLOAT, "batch", "seq", (long) HIDDEN);
    ParameterLayout layout = ParameterLayout.of(candidates, head, HIDDEN);
    WeightNodes weights = new WeightNodes(graph, layout, 0);
    for (int i = 0; i < POINTS; i++) {
      PointAdapters adapters = new PointAdapters(graph, HIDDEN);
      adapters.add(candidates.get(i).kind(), weights.of(i));
      x = adapters.emit(x, x);
    }
    Map<String, String> last = weights.of(ParameterLayout.HEAD);
    String scores =
        graph.node(
            "Add",
            graph.node("MatMul", x, requireNonNull(last.get(LinearHead.WEIGHTS))),
            requireNonNull(last.get(LinearHead.BIAS)));
    String loss =
        graph.node(
            "Neg", graph.node("ReduceSum", List.of(scores), Map.of("keepdims", Attribute.of(0L))));
    weights.differentiate(loss, OnnxRuntime.shared());
    graph.outputAs(loss, Value.of(Tensors.LOSS, DataType.FLOAT));
    return weights.onDevice(graph.build());
  }
}
