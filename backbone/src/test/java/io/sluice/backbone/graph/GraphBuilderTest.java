package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  private static Graph affine(TensorData weight) {
    GraphBuilder b = new GraphBuilder("affine", 18);
    String x = b.input("x", DataType.FLOAT, "n");
    String w = b.initializer("w", weight);
    b.outputAs(
        b.node("Add", b.node("Mul", x, w), b.constant(1f)), Value.of("y", DataType.FLOAT, "n"));
    return b.build();
  }

  private static String join(GraphBuilder b, Graph part, String x) {
    return b.append(part, Map.of("x", x)).values().iterator().next();
  }

  @Test
  void constant_equalValues_areOneInitializer() {
    GraphBuilder b = new GraphBuilder("g", 18);

    assertThat(b.constant(1f)).isEqualTo(b.constant(1f)).isNotEqualTo(b.constant(2f));
    assertThat(b.constant(1, 2)).isEqualTo(b.constant(1, 2)).isNotEqualTo(b.constant(2, 1));
    assertThat(b.build().initializers()).hasSize(4);
  }

  @Test
  void fresh_takenHint_getsANumber() {
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("t", DataType.FLOAT);

    assertThat(b.fresh("t")).isEqualTo("t_1");
    assertThat(b.fresh("t")).isEqualTo("t_2");
    assertThat(b.fresh("u")).isEqualTo("u");
  }

  @Test
  void append_twice_renamesInnerNamesAndSharesWeights() {
    TensorData weight = TensorData.scalar(3f);
    Graph part = affine(weight);
    GraphBuilder b = new GraphBuilder("g", 18);
    String x = b.input("x", DataType.FLOAT, "n");

    String once = join(b, part, x);
    String twice = join(b, part, once);
    b.output(twice, DataType.FLOAT, "n");
    Graph whole = b.build();

    assertThat(once).isNotEqualTo(twice);
    assertThat(whole.nodes()).hasSize(2 * part.nodes().size());
    assertThat(whole.initializers()).hasSameSizeAs(part.initializers());
    assertThat(whole.initializer("w")).isSameAs(weight);
  }

  @Test
  void append_otherWeightOfTheSameName_isKeptApart() {
    GraphBuilder b = new GraphBuilder("g", 18);
    String x = b.input("x", DataType.FLOAT, "n");

    String y = join(b, affine(TensorData.scalar(3f)), x);
    b.append(affine(TensorData.scalar(5f)), Map.of("x", y));

    assertThat(b.build().initializers()).containsKeys("w", "w_1");
  }

  @Test
  void append_unboundInputOrUnknownBinding_isRefused() {
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("a", DataType.FLOAT, "n");
    Graph part = affine(TensorData.scalar(1f));

    assertThatThrownBy(() -> b.append(part, Map.of()))
        .hasMessageContaining("append affine: input x: unbound");
    assertThatThrownBy(() -> b.append(part, Map.of("x", "nothing")))
        .hasMessageContaining("tensor nothing: made by nothing");
    assertThatThrownBy(() -> b.append(part, Map.of("x", "a", "z", "a")))
        .hasMessageContaining("binding of z");
  }

  @Test
  void append_bodyThatReadsOutside_readsTheNewName() {
    Body then =
        new Body(
            "then",
            List.of(),
            List.of("r"),
            List.of(Node.of("Mul", List.of("x", "w"), List.of("r"), Map.of())),
            Map.of());
    Body other =
        new Body(
            "else",
            List.of(),
            List.of("r"),
            List.of(Node.of("Relu", List.of("x"), List.of("r"), Map.of())),
            Map.of());
    GraphBuilder p = new GraphBuilder("part", 18);
    p.input("x", DataType.FLOAT, "n");
    p.initializer("w", TensorData.scalar(2f));
    String condition = p.initializer("c", TensorData.bools(new boolean[] {true}));
    p.add(
        Node.of(
            "If",
            List.of(condition),
            List.of("y"),
            Map.of(
                "then_branch",
                new Attribute.OfGraph(then),
                "else_branch",
                new Attribute.OfGraph(other))));
    p.output("y", DataType.FLOAT, "n");
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("input", DataType.FLOAT, "n");
    b.initializer("w", TensorData.scalar(9f));
    String taken = b.identity("input", "r");

    b.append(p.build(), Map.of("x", taken));

    Node branch = b.build().nodes().get(1);
    assertThat(branch.reads()).containsExactlyInAnyOrder("c", "r", "w_1");
    // The body's own r must not hide the r outside, which it reads.
    assertThat(branch.bodies())
        .allSatisfy(body -> assertThat(body.nodes().get(0).outputs()).doesNotContain("r"));
  }

  @Test
  void append_passThroughOutput_isTheBinding() {
    Value x = Value.of("x", DataType.FLOAT, "n");
    Graph part = new Graph("same", Map.of("", 18L), List.of(x), List.of(x), List.of(), Map.of());
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("a", DataType.FLOAT, "n");

    assertThat(b.append(part, Map.of("x", "a"))).containsExactly(Map.entry("x", "a"));
  }

  @Test
  void add_wrongOrderNameOrDomain_isRefused() {
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("x", DataType.FLOAT);

    assertThatThrownBy(() -> b.node("Relu", "nothing"))
        .hasMessageContaining("tensor nothing: made by nothing");
    assertThatThrownBy(() -> b.input("x", DataType.FLOAT))
        .hasMessageContaining("tensor x: made already");
    assertThatThrownBy(() -> b.node("org.other", "Op", List.of("x"), 1, Map.of()))
        .hasMessageContaining("domain org.other");
    assertThatThrownBy(() -> b.output("nothing", DataType.FLOAT))
        .hasMessageContaining("tensor nothing");
  }

  @Test
  void node_microsoftDomain_joinsTheOpsets() {
    GraphBuilder b = new GraphBuilder("g", 18);
    b.input("x", DataType.FLOAT);

    assertThat(b.node("com.microsoft", "Gelu", List.of("x"), 1, Map.of())).containsExactly("Gelu");
    assertThat(b.build().opsets())
        .containsExactly(Map.entry("", 18L), Map.entry("com.microsoft", 1L));
    assertThat(b.opset()).isEqualTo(18);
  }
}
