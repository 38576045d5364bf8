package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final Map<String, Long> OPSETS = Map.of("", 18L);
  private static final Value X = Value.of("x", DataType.FLOAT, "batch", 4);
  private static final Value Y = Value.of("y", DataType.FLOAT, "batch", 4);

  private static Node node(String op, String inputs, String outputs) {
    return Node.of(op, List.of(inputs.split(" ")), List.of(outputs.split(" ")), Map.of());
  }

  private static Graph graph(List<Node> nodes, Map<String, TensorData> weights) {
    return new Graph("g", OPSETS, List.of(X), List.of(Y), nodes, weights);
  }

  @Test
  void new_tensorMadeTwice_isRefused() {
    assertThatThrownBy(
            () -> graph(List.of(node("Relu", "x", "y"), node("Abs", "x", "y")), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("graph g: tensor y: made again by Abs -> y (expected: made once)");
    assertThatThrownBy(
            () -> graph(List.of(node("Relu", "x", "y")), Map.of("x", TensorData.scalar(1f))))
        .hasMessageContaining("tensor x: made again by an initializer");
  }

  @Test
  void new_readBeforeMade_isRefusedAndSortedMendsIt() {
    List<Node> nodes = List.of(node("Relu", "a", "y"), node("Abs", "x", "a"));

    assertThatThrownBy(() -> graph(nodes, Map.of()))
        .hasMessage(
            "graph g: tensor a: read before Abs -> a makes it (expected: nodes in topological order)");
    Graph sorted = Graph.sorted("g", OPSETS, List.of(X), List.of(Y), nodes, Map.of());
    assertThat(sorted.nodes()).extracting(Node::op).containsExactly("Abs", "Relu");
  }

  @Test
  void new_unknownTensorOrDomain_isRefused() {
    assertThatThrownBy(() -> graph(List.of(node("Add", "x b", "y")), Map.of()))
        .hasMessageStartingWith("graph g: tensor b: made by nothing");
    assertThatThrownBy(() -> graph(List.of(), Map.of()))
        .hasMessageContaining("tensor y: made by nothing");
    Node gelu = new Node("com.microsoft", "Gelu", "", List.of("x"), List.of("y"), Map.of());
    assertThatThrownBy(() -> graph(List.of(gelu), Map.of()))
        .hasMessageContaining("domain 'com.microsoft'");
  }

  @Test
  void sorted_shuffledNodes_keepEveryReadAfterItsMaker() {
    long seed = 7;
    System.err.println("seed " + seed);
    Random random = new Random(seed);
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String a = i == 0 ? "x" : "t" + random.nextInt(i);
      String b = i == 0 ? "x" : "t" + random.nextInt(i);
      nodes.add(node("Add", a + " " + b, "t" + i));
    }
    nodes.add(node("Identity", "t299", "y"));
    Collections.shuffle(nodes, random);

    // The constructor is the oracle: it refuses any wrong order.
    Graph sorted = Graph.sorted("g", OPSETS, List.of(X), List.of(Y), nodes, Map.of());

    assertThat(sorted.nodes()).hasSameSizeAs(nodes);
  }

  @Test
  void sorted_deepChainGivenBackwards_needsNoDeepStack() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      nodes.add(node("Relu", i == 0 ? "x" : "t" + (i - 1), i == 49_999 ? "y" : "t" + i));
    }
    Collections.reverse(nodes);

    assertThat(
            Graph.sorted("g", OPSETS, List.of(X), List.of(Y), nodes, Map.of())
                .nodes()
                .get(0)
                .inputs())
        .containsExactly("x");
  }

  @Test
  void sorted_cycle_isRefused() {
    List<Node> nodes =
        List.of(node("Add", "x b", "a"), node("Relu", "a", "b"), node("Abs", "b", "y"));

    assertThatThrownBy(() -> Graph.sorted("g", OPSETS, List.of(X), List.of(Y), nodes, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in a cycle");
  }

  @Test
  void extract_fromAnInnerTensor_takesOnlyWhatIsNeeded() {
    TensorData used = TensorData.scalar(2f);
    Graph whole =
        graph(
            List.of(
                node("Abs", "x", "a"),
                node("Mul", "a w", "b"),
                node("Mul", "a v", "c"),
                node("Add", "b c", "y")),
            Map.of("w", used, "v", TensorData.scalar(3f)));

    Graph part =
        whole.extract(
            "part",
            List.of(Value.of("a", DataType.FLOAT, "batch", 4)),
            List.of(Value.of("b", DataType.FLOAT, "batch", 4)));

    assertThat(part.nodes()).extracting(Node::op).containsExactly("Mul");
    assertThat(part.initializers()).containsOnlyKeys("w");
    assertThat(part.initializer("w")).isSameAs(used);
    assertThat(part.inputs()).extracting(Value::name).containsExactly("a");
  }

  @Test
  void extract_neededInputNotGiven_isRefusedByName() {
    Graph whole = graph(List.of(node("Abs", "x", "a"), node("Add", "a x", "y")), Map.of());

    assertThatThrownBy(
            () -> whole.extract("part", List.of(Value.of("a", DataType.FLOAT)), List.of(Y)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "extract part of g: tensor x: needed, but not among the inputs (expected: computable from [a])");
    assertThatThrownBy(
            () -> whole.extract("part", List.of(X), List.of(Value.of("q", DataType.FLOAT))))
        .hasMessageContaining("tensor q: not in the graph");
  }

  @Test
  void extract_nodeThatAlsoMakesAGivenInput_doesNotMakeItAgain() {
    Graph whole = graph(List.of(node("Split", "x", "a b"), node("Add", "a b", "y")), Map.of());

    Graph part = whole.extract("part", List.of(X, Value.of("a", DataType.FLOAT)), List.of(Y));

    assertThat(part.nodes().get(0).outputs()).containsExactly("", "b");
  }

  @Test
  void consumers_bodyReads_areCounted() {
    Body then =
        new Body("then", List.of(), List.of("r"), List.of(node("Relu", "x", "r")), Map.of());
    Body other =
        new Body("else", List.of(), List.of("s"), List.of(node("Abs", "x", "s")), Map.of());
    Node branch =
        Node.of(
            "If",
            List.of("c"),
            List.of("y"),
            Map.of(
                "then_branch",
                new Attribute.OfGraph(then),
                "else_branch",
                new Attribute.OfGraph(other)));
    Graph whole = graph(List.of(branch), Map.of("c", TensorData.bools(new boolean[] {true})));

    assertThat(whole.consumers().get("x")).containsExactly(branch);
    assertThat(whole.producers()).containsOnlyKeys("y");
    assertThat(then.captures()).containsExactly("x");
    assertThat(whole.extract("p", List.of(X), List.of(Y)))
        .isEqualTo(
            new Graph("p", OPSETS, List.of(X), List.of(Y), List.of(branch), whole.initializers()));
  }

  @Test
  void attributes_wrongKind_isRefusedByName() {
    Node node = Node.of("Softmax", List.of("x"), List.of("y"), Map.of("axis", Attribute.of(-1L)));

    assertThat(node.intAttribute("axis", 1)).isEqualTo(-1);
    assertThat(node.intAttribute("other", 1)).isEqualTo(1);
    assertThat(node.floatAttribute("other", 2f)).isEqualTo(2f);
    assertThat(node.stringAttribute("other", "s")).isEqualTo("s");
    assertThat(node.intsAttribute("other", List.of(1L))).containsExactly(1L);
    assertThat(node.tensorAttribute("other")).isNull();
    assertThatThrownBy(() -> node.floatAttribute("axis", 1))
        .hasMessage("Softmax -> y: attribute axis: OfInt[value=-1] (expected: a float)");
  }

  @Test
  void value_accepts_knownSizesOnly() {
    assertThat(X.accepts(3, 4)).isTrue();
    assertThat(X.accepts(3, 5)).isFalse();
    assertThat(X.accepts(4)).isFalse();
    assertThat(X.describeShape()).isEqualTo("(batch, 4)");
    assertThat(Value.of("z", DataType.FLOAT, new Dim.Rest()).accepts(1, 2, 3)).isTrue();
    assertThatThrownBy(() -> Value.of("z", DataType.FLOAT, 1.5)).hasMessageStartingWith("dim: 1.5");
  }
}
