package io.sluice.trainer.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackwardTest {

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final GraphBuilder b = new GraphBuilder("test", 17);

  @Test
  void step_frozenWeight_getsNoGradient() {
    String x = b.input("x", DataType.FLOAT, "batch", "seq", 3);
    String w = b.initializer("w", TensorData.floats(new float[6], 3, 2));
    String loss = total(b.node("MatMul", x, w));

    Backward.Step step = step(loss, "x");

    // dx = g w': one product beside the forward one, and none for w.
    assertThat(ops(step.graph())).doesNotContain("Gemm").containsOnlyOnce("FusedMatMul");
    assertThat(step.gradients()).containsOnlyKeys("x");
  }

  @Test
  void step_wantedTensorInTheMiddle_emitsNothingBelow() {
    String x = b.input("x", DataType.FLOAT, "batch", 3);
    String hidden = b.node("Tanh", b.node("Exp", x));
    String loss = total(b.node("Sin", hidden));
    int forward = b.build().nodes().size();

    Backward.Step step = step(loss, hidden);

    List<String> added = ops(step.graph()).subList(forward, step.graph().nodes().size());
    assertThat(added).contains("Cos").doesNotContain("Exp", "Sub");
  }

  @Test
  void step_tensorWithThreeReaders_getsOneSum() {
    String x = b.input("x", DataType.FLOAT, "batch", 3);
    String h = b.node("Identity", x);
    String y = b.node("Add", b.node("Sin", h), b.node("Add", b.node("Cos", h), b.node("Exp", h)));

    Backward.Step step = step(total(y), "x");

    assertThat(ops(step.graph())).containsOnlyOnce("Sum");
  }

  @Test
  void step_lossDoesNotDependOnTensor_isZero() {
    b.input("x", DataType.FLOAT, "batch", 2);
    String y = b.input("y", DataType.FLOAT, "batch", 2);

    Backward.Step step = step(total(y), "x", "y");

    assertThat(run(step, "x")).containsExactly(0, 0, 0, 0);
    assertThat(run(step, "y")).containsExactly(1, 1, 1, 1);
  }

  @Test
  void step_valueReadThroughIntegers_flowsOnlyThroughReals() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    // The shape of x scales it, but is no function of its values.
    String shape = b.node("Cast", List.of(b.node("Shape", x)), Map.of("to", Attribute.of(1)));
    String loss = total(b.node("Mul", x, shape));

    assertThat(run(step(loss, "x"), "x")).containsExactly(2, 2, 2, 2);
  }

  @Test
  void step_initializerWanted_getsGradient() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    String w = b.initializer("w", TensorData.floats(new float[] {1, 2}, 2));
    String loss = total(b.node("Mul", x, w));

    assertThat(run(step(loss, "w"), "w")).containsExactly(2, 2);
  }

  @Test
  void step_operatorWithoutRule_isNamedWithNodeAndTensor() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    b.add(new Node("", "Hardmax", "the culprit", List.of(x), List.of("y"), Map.of()));
    String loss = total("y");

    assertThatThrownBy(() -> step(loss, "x"))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContainingAll("Hardmax", "the culprit", "from tensor x", "to y");
  }

  @Test
  void step_operatorWithoutRuleOffThePath_isNotMinded() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    String y = b.input("y", DataType.FLOAT, "batch", 2);
    String loss = total(b.node("Mul", b.node("Hardmax", x), y));

    assertThat(step(loss, "y").gradients()).containsOnlyKeys("y");
  }

  @Test
  void step_exponentWanted_isRefusedWithReason() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    String p = b.input("p", DataType.FLOAT);
    String loss = total(b.node("Pow", x, p));

    assertThatThrownBy(() -> step(loss, "p"))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("exponent p");
  }

  @Test
  void step_lossOfManyElements_isRefused() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    String y = b.node("Exp", x);
    b.output(y, DataType.FLOAT, "batch", 2);

    assertThatThrownBy(() -> step(y, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(y, "expected: one real number");
  }

  @Test
  void step_integersWanted_areRefused() {
    String ids = b.input("ids", DataType.INT64, "batch", 2);
    String loss = total(b.node("Cast", List.of(ids), Map.of("to", Attribute.of(1))));

    assertThatThrownBy(() -> step(loss, "ids"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ids");
  }

  @Test
  void step_everything_leavesNoHandleOpen() {
    String x = b.input("x", DataType.FLOAT, "batch", 2);
    String loss = total(b.node("Exp", x));
    int before = runtime.openHandles();

    step(loss, "x");

    assertThat(runtime.openHandles()).isEqualTo(before);
  }

  @Test
  void step_rowReadByManyTokens_losesNoneOfTheirGradients() {
    int tokens = 8192;
    int copies = 128;
    String x = b.input("x", DataType.FLOAT, 2, 2);
    String wide = b.node("Concat", Collections.nCopies(copies, x), Map.of("axis", Attribute.of(1)));
    String ids = b.constant(LongStream.range(0, tokens).map(i -> i % 2).toArray());
    Backward.Step step = step(total(b.node("Gather", wide, ids)), "x");
    float expected = tokens / 2f * copies;
    for (int i = 0; i < 5; i++) {
      assertThat(run(step, "x")).containsExactly(expected, expected, expected, expected);
    }
  }

  private String total(String y) {
    String loss = b.node("ReduceSum", List.of(y), Map.of("keepdims", Attribute.of(0)));
    b.output(loss, DataType.FLOAT);
    return loss;
  }

  private Backward.Step step(String loss, String... wrt) {
    return Backward.step(b.build(), loss, Set.of(wrt), runtime);
  }

  private static List<String> ops(Graph graph) {
    return graph.nodes().stream().map(Node::op).toList();
  }

  /** The gradient at ones of two rows. */
  private float[] run(Backward.Step step, String tensor) {
    String gradient = step.gradients().getOrDefault(tensor, "");
    Map<String, HostTensor> inputs = new HashMap<>();
    step.graph()
        .inputs()
        .forEach(
            input ->
                inputs.put(
                    input.name(), HostTensor.floats(runtime, new float[] {1, 1, 1, 1}, 2, 2)));
    try (OnnxSession session = runtime.open(step.graph(), SessionSettings.defaults());
        Results results = session.run(inputs, List.of(gradient))) {
      return results.get(gradient).toFloats();
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }
}
