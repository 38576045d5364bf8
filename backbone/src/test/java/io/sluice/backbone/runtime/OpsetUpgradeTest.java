package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Body;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OpsetUpgrade;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The oracle is ONNX Runtime itself: it computes the graph at its own version and the raised one.
 */
class OpsetUpgradeTest {
  private static final long[] SHAPE = {2, 1, 4, 6};

  static Stream<Arguments> nodes() {
    Stream.Builder<Arguments> cases = Stream.builder();
    for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      cases.add(Arguments.of(11L, op, Map.of(), 1));
      for (long axis = -4; axis < 4; axis++) {
        cases.add(Arguments.of(12L, op, Map.of("axis", Attribute.of(axis)), 1));
      }
      cases.add(Arguments.of(13L, op, Map.of(), 1));
      cases.add(Arguments.of(17L, op, Map.of("axis", Attribute.of(1)), 1));
    }
    for (String op :
        List.of("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare")) {
      cases.add(Arguments.of(11L, "Reduce" + op, Map.of("axes", Attribute.ints(1, -1)), 1));
      cases.add(Arguments.of(12L, "Reduce" + op, Map.of("keepdims", Attribute.of(0)), 1));
    }
    cases.add(
        Arguments.of(
            17L, "ReduceMean", Map.of("axes", Attribute.ints(-1), "keepdims", Attribute.of(0)), 1));
    cases.add(Arguments.of(11L, "Squeeze", Map.of(), 1));
    cases.add(Arguments.of(11L, "Squeeze", Map.of("axes", Attribute.ints(1)), 1));
    cases.add(Arguments.of(12L, "Unsqueeze", Map.of("axes", Attribute.ints(0, 2)), 1));
    cases.add(Arguments.of(11L, "Split", Map.of("axis", Attribute.of(3)), 3));
    cases.add(
        Arguments.of(
            11L, "Split", Map.of("axis", Attribute.of(3), "split", Attribute.ints(1, 5)), 2));
    cases.add(Arguments.of(13L, "Split", Map.of("axis", Attribute.of(2)), 2));
    cases.add(Arguments.of(11L, "Dropout", Map.of("ratio", Attribute.of(0.3f)), 1));
    cases.add(Arguments.of(11L, "Relu", Map.of(), 1));
    return cases.build();
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void raise_operatorThatChanged_computesTheSame(
      long opset, String op, Map<String, Attribute> attributes, int outputs) {
    Graph graph = single(opset, op, attributes, outputs);

    Graph raised = OpsetUpgrade.raise(graph, 18);

    assertThat(raised.opset()).isEqualTo(18);
    assertThat(run(raised)).isEqualTo(run(graph));
    assertThat(run(OpsetUpgrade.raise(raised, 21))).isEqualTo(run(graph));
    long between = Math.max(opset, 13);
    assertThat(run(OpsetUpgrade.raise(OpsetUpgrade.raise(graph, between), 18)))
        .isEqualTo(run(graph));
  }

  @Test
  void raise_softmaxOverAKnownLastAxis_staysOneNode() {
    Graph graph = single(11, "Softmax", Map.of("axis", Attribute.of(3)), 1);

    assertThat(OpsetUpgrade.raise(graph, 18).nodes()).hasSize(4);
    assertThat(OpsetUpgrade.raise(graph, 18, Map.of("x", 4)).nodes()).hasSize(1);
    assertThat(run(OpsetUpgrade.raise(graph, 18, Map.of("x", 4)))).isEqualTo(run(graph));
  }

  @Test
  void raise_bodies_areRaisedToo() {
    Node inner =
        Node.of("ReduceSum", List.of("x"), List.of("s"), Map.of("axes", Attribute.ints(0)));
    Node other =
        Node.of("ReduceMax", List.of("x"), List.of("m"), Map.of("axes", Attribute.ints(0)));
    Map<String, Attribute> branches =
        Map.of(
            "then_branch",
            new Attribute.OfGraph(
                new Body("then", List.of(), List.of("s"), List.of(inner), Map.of())),
            "else_branch",
            new Attribute.OfGraph(
                new Body("else", List.of(), List.of("m"), List.of(other), Map.of())));
    GraphBuilder b = new GraphBuilder("branch", 11);
    b.input("x", DataType.FLOAT, "a", "b", "c", "d");
    String condition = b.initializer("c", TensorData.bools(new boolean[] {true}));
    b.add(Node.of("If", List.of(condition), List.of("y"), branches));
    b.output("y", DataType.FLOAT, 1, "b", "c", "d");

    assertThat(run(OpsetUpgrade.raise(b.build(), 18))).isEqualTo(run(b.build()));
  }

  @Test
  void raise_whatCannotBeRaised_isRefused() {
    assertThat(OpsetUpgrade.raise(single(18, "Relu", Map.of(), 1), 18).nodes()).hasSize(1);
    assertThatThrownBy(() -> OpsetUpgrade.raise(single(9, "Relu", Map.of(), 1), 18))
        .hasMessage("graph one: opset: 9 (expected: 11..18)");
    assertThatThrownBy(() -> OpsetUpgrade.raise(single(19, "Relu", Map.of(), 1), 18))
        .hasMessageContaining("opset: 19");
    assertThatThrownBy(() -> OpsetUpgrade.raise(single(18, "GroupNormalization", Map.of(), 1), 21))
        .hasMessageContaining("GroupNormalization -> y0: opset: 18 (expected: 21 or later");
  }

  @Test
  void append_partOfAnEarlierOpset_isRaisedAndALaterOneRefused() {
    Graph mean = single(11, "ReduceMean", Map.of("axes", Attribute.ints(1)), 1);
    GraphBuilder b = new GraphBuilder("whole", 18);
    b.input("x", DataType.FLOAT, 2, 1, 4, 6);
    String y = b.append(mean, Map.of("x", "x")).values().iterator().next();
    b.outputAs(y, Value.of("y", DataType.FLOAT, 2, 1, 4, 6));

    assertThat(run(b.build())).isEqualTo(run(mean));
    assertThatThrownBy(() -> b.append(single(19, "Relu", Map.of(), 1), Map.of("x", "x")))
        .hasMessage("append one to whole: opset of '': 19 (expected: 18)");
  }

  private static Graph single(
      long opset, String op, Map<String, Attribute> attributes, int outputs) {
    GraphBuilder b = new GraphBuilder("one", opset);
    b.input("x", DataType.FLOAT, "a", "b", "c", "d");
    List<String> made = IntStream.range(0, outputs).mapToObj(i -> "y" + i).toList();
    b.add(Node.of(op, List.of("x"), made, attributes));
    made.forEach(name -> b.output(name, DataType.FLOAT, new Dim.Rest()));
    return b.build();
  }

  private static List<TensorData> run(Graph graph) {
    OnnxRuntime runtime = OnnxRuntime.shared();
    Random random = new Random(5);
    float[] values = new float[48];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    SessionSettings plain = SessionSettings.defaults().withLevel(SessionSettings.Optimization.NONE);
    List<String> names = graph.outputs().stream().map(Value::name).toList();
    try (OnnxSession session = runtime.open(graph, plain);
        HostTensor x = HostTensor.floats(runtime, values, SHAPE);
        Results results = session.run(Map.of("x", x), names)) {
      return names.stream().map(results::get).toList();
    }
  }
}
