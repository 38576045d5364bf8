package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last part of an encoder for those who read the first token only: from hidden states (batch,
 * seq, hidden) to those of the first token, (batch, 1, hidden).
 *
 * <p>What is wanted of each tensor is followed from the end: where only the first place of an axis
 * is read, only that is computed. Of an attention layer this leaves keys and values for all tokens
 * and the query, the sum over values and all that follows for one. Values are the same but for
 * rounding. Stateless.
 */
public final class FirstTokenForm {
  private static final int TOKENS = 1;

  private FirstTokenForm() {}

  /**
   * The part, computing the first token only.
   *
   * @param part one output: (batch, seq, hidden)
   */
  public static Graph of(Graph part) {
    Graph cut = cut(requireNonNull(part, "part"));
    return new Rewriting(cut, FirstPlaces.wanted(cut)).graph();
  }

  /** The graph with one output more: the first token of {@code input}, (batch, seq, hidden). */
  public static Graph withFirstOf(Graph graph, String input, Value output) {
    GraphBuilder wider = new GraphBuilder(graph.name(), graph.opsets());
    graph.nodes().forEach(node -> node.writes().forEach(wider::keep));
    graph.inputs().forEach(wider::input);
    graph.initializers().forEach(wider::initializer);
    graph.nodes().forEach(wider::add);
    graph.outputs().forEach(wider::output);
    wider.outputAs(of(wider, input), output);
    return wider.build();
  }

  /**
   * Whether the part computes each token from that token and nothing else, so that it can be run on
   * some of them.
   *
   * @param part one output: (batch, seq, hidden)
   * @param tokens its inputs of the same shape; other inputs and constants must have nothing to do
   *     with tokens
   */
  public static boolean isTokenWise(Graph part, Set<String> tokens) {
    Graph cut = cut(requireNonNull(part, "part"));
    FirstPlaces wanted = FirstPlaces.wanted(cut);
    return cut.initializers().keySet().stream().allMatch(wanted::isWhole)
        && part.inputs().stream()
            .map(Value::name)
            .allMatch(
                input ->
                    tokens.contains(input)
                        ? wanted.isFirst(input, TOKENS) || !wanted.isRead(input)
                        : wanted.isWhole(input));
  }

  /** Whether the graph reads only the first token of {@code input}, (batch, seq, hidden). */
  public static boolean readsFirstToken(Graph graph, String input) {
    requireNonNull(graph, "graph");
    return FirstPlaces.wanted(graph).isFirst(requireNonNull(input, "input"), TOKENS);
  }

  /** The first token of a tensor (batch, seq, hidden), as it is written into graphs. */
  public static String of(GraphBuilder graph, String tensor) {
    return first(graph, tensor, TOKENS);
  }

  private static String first(GraphBuilder graph, String tensor, long axis) {
    return graph.node(
        "Slice", tensor, graph.constant(0L), graph.constant(1L), graph.constant(axis));
  }

  private static Graph cut(Graph part) {
    Value output = part.outputs().get(0);
    GraphBuilder cut = new GraphBuilder(part.name(), part.opsets());
    cut.keep(output.name());
    Map<String, String> binding = new HashMap<>();
    for (Value input : part.inputs()) {
      binding.put(input.name(), cut.input(input));
    }
    String whole = requireNonNull(cut.append(part, binding).get(output.name()));
    List<Dim> shape = new ArrayList<>(output.shape());
    shape.set(TOKENS, new Dim.Known(1));
    cut.outputAs(of(cut, whole), new Value(output.name(), output.type(), shape));
    return cut.build();
  }

  /** The graph written again with less of each tensor. */
  private static final class Rewriting {
    private final Graph graph;
    private final FirstPlaces wanted;
    private final GraphBuilder written;
    private final Map<String, String> firsts = new HashMap<>();

    Rewriting(Graph graph, FirstPlaces wanted) {
      this.graph = graph;
      this.wanted = wanted;
      this.written = new GraphBuilder(graph.name(), graph.opsets());
    }

    Graph graph() {
      graph.nodes().forEach(node -> node.writes().forEach(written::keep));
      graph.inputs().forEach(written::input);
      graph.initializers().forEach(written::initializer);
      graph.nodes().forEach(this::write);
      graph.outputs().forEach(written::output);
      return written.build().lean();
    }

    private void write(Node node) {
      if (node.is("Slice")
          && FirstPlaces.isFirstToken(graph, node)
          && isNarrow(node.inputs().get(0), TOKENS)) {
        written.identity(node.inputs().get(0), node.outputs().get(0));
        return;
      }
      int[] axes = wanted.axesOfInputs(node);
      List<String> reads = new ArrayList<>(node.inputs());
      for (int i = 0; i < axes.length; i++) {
        if (axes[i] != FirstPlaces.ALL && !isNarrow(reads.get(i), axes[i])) {
          reads.set(i, first(reads.get(i), axes[i]));
        }
      }
      written.add(
          new Node(
              node.domain(), node.op(), node.name(), reads, node.outputs(), node.attributes()));
    }

    /** Whether the tensor is made here with one place on that axis. */
    private boolean isNarrow(String tensor, int axis) {
      return wanted.isFirst(tensor, axis)
          && graph.inputs().stream().noneMatch(input -> input.name().equals(tensor))
          && !graph.initializers().containsKey(tensor);
    }

    private String first(String tensor, int axis) {
      return firsts.computeIfAbsent(
          tensor + "@" + axis, key -> FirstTokenForm.first(written, tensor, axis));
    }
  }
}
