package io.sluice.backbone.importer;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the boundaries of an encoder.
 *
 * <p>The dominators of the output on the hidden flow are a chain of nodes that everything passes
 * through. Where such a node has two or more consumers, the flow forks, and it has merged again at
 * the next of the chain: a residual branch around a sublayer, or a normalisation written out in
 * parts. It is a sublayer if something between fork and merge multiplies by a matrix of weights.
 * Each sublayer's fork is a boundary. The last boundary is the merge of the last sublayer, or,
 * where the earlier ones are followed by more before the next fork (a normalisation), that much
 * further; what is left up to the output is the epilogue.
 */
final class BoundaryFinder {
  /**
   * Operators that combine element by element or only move elements; a constant of theirs is no
   * matrix of weights.
   */
  private static final Set<String> LIGHT_OPS =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Max",
          "Min",
          "Where",
          "Expand",
          "Concat",
          "Gather",
          "Slice",
          "Reshape",
          "Transpose",
          "LayerNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization");

  private final Graph graph;
  private final ShapeProbe probe;
  private final long hiddenSize;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Node, Integer> vertices = new HashMap<>();
  private final Map<Integer, Set<Integer>> consumers = new HashMap<>();

  /** The vertices that dominate the output, from the virtual root (0) to the output's node. */
  private final List<Integer> chain;

  /** For each vertex the index in {@link #chain} of the last chain vertex that dominates it. */
  private final int[] stage;

  private BoundaryFinder(Graph graph, HiddenFlow flow, ShapeProbe probe, long hiddenSize) {
    this.graph = graph;
    this.probe = probe;
    this.hiddenSize = hiddenSize;
    Dominators dominators = new Dominators(predecessors(flow));
    String output = graph.outputs().get(0).name();
    this.chain = dominators.chain(vertexOf(output));
    this.stage = stages(dominators);
  }

  /**
   * The boundary tensors, from the embedding output to the last sublayer's output.
   *
   * @param graph pruned to its one output, which is of shape (batch, seq, hidden)
   */
  static List<String> find(Graph graph, HiddenFlow flow, ShapeProbe probe, long hiddenSize) {
    return new BoundaryFinder(graph, flow, probe, hiddenSize).find();
  }

  private List<String> find() {
    List<Integer> sublayers = new ArrayList<>();
    for (int i = 1; i + 1 < chain.size(); i++) {
      if (forks(chain.get(i)) && isSublayer(i)) {
        sublayers.add(i);
      }
    }
    int count = sublayers.size();
    if (count == 0) {
      throw Refusal.of(
          "sublayers: none found (expected: residual branches around weights, from the word embeddings to output "
              + graph.outputs().get(0).name()
              + ")");
    }
    if (count % 2 != 0) {
      throw Refusal.of(
          "sublayers: "
              + count
              + ", which fork at "
              + tensors(sublayers)
              + " (expected: an even number, attention and feed-forward in turn)");
    }
    List<String> boundaries = new ArrayList<>();
    int earliest = 1;
    for (int fork : sublayers) {
      boundaries.add(hiddenTensorUpTo(fork, earliest));
      earliest = fork + 1;
    }
    boundaries.add(end(sublayers.get(count - 2) + 1, sublayers.get(count - 1)));
    return boundaries;
  }

  /**
   * Where the last sublayer ends, so that it has after its merge what the sublayer before it has
   * after its own.
   */
  private String end(int previousMerge, int lastFork) {
    int lastMerge = lastFork + 1;
    List<String> after = operators(previousMerge, lastFork);
    for (int i = lastMerge; i < chain.size(); i++) {
      if (isHidden(i) && operators(lastMerge, i).equals(after)) {
        return tensor(i);
      }
    }
    return graph.outputs().get(0).name();
  }

  /** The operators passed from chain entry {@code from}, exclusive, to {@code to}, inclusive. */
  private List<String> operators(int from, int to) {
    List<String> passed = new ArrayList<>();
    for (int vertex = 1; vertex < stage.length; vertex++) {
      boolean between = stage[vertex] >= from && stage[vertex] < to && vertex != chain.get(from);
      if (between || (from != to && vertex == chain.get(to))) {
        passed.add(nodes.get(vertex - 1).op());
      }
    }
    return passed;
  }

  /**
   * The closest tensor of shape (batch, seq, hidden) at or before a fork, with nothing branching
   * off between.
   */
  private String hiddenTensorUpTo(int fork, int earliest) {
    for (int i = fork; i >= earliest; i--) {
      if (isHidden(i)) {
        return tensor(i);
      }
      if (i > earliest && forks(chain.get(i - 1))) {
        break;
      }
    }
    String tensor = tensor(fork);
    throw Refusal.of(
        "hidden flow: forks at "
            + tensor
            + ", "
            + probe.type(tensor)
            + " "
            + Arrays.toString(probe.shape(tensor))
            + " for 2 rows of 7 tokens (expected: FLOAT (batch, seq, "
            + hiddenSize
            + "))");
  }

  private boolean isHidden(int chainIndex) {
    Node node = node(chainIndex);
    return node.writes().size() == 1
        && probe.type(tensor(chainIndex)) == DataType.FLOAT
        && probe.isHidden(tensor(chainIndex), hiddenSize);
  }

  private boolean isSublayer(int chainIndex) {
    for (int vertex = 1; vertex < stage.length; vertex++) {
      boolean inside = stage[vertex] == chainIndex && vertex != chain.get(chainIndex);
      if ((inside || vertex == chain.get(chainIndex + 1))
          && hasWeightMatrix(nodes.get(vertex - 1))) {
        return true;
      }
    }
    return false;
  }

  private boolean hasWeightMatrix(Node node) {
    if (LIGHT_OPS.contains(node.op())) {
      return false;
    }
    for (String input : node.inputs()) {
      TensorData weight = graph.initializers().get(input);
      if (weight != null && Arrays.stream(weight.shape()).filter(size -> size > 1).count() >= 2) {
        return true;
      }
    }
    return false;
  }

  private boolean forks(int vertex) {
    return consumers.getOrDefault(vertex, Set.of()).size() >= 2;
  }

  private String tensors(List<Integer> chainIndices) {
    return String.join(", ", chainIndices.stream().map(this::tensor).toList());
  }

  private String tensor(int chainIndex) {
    return node(chainIndex).writes().get(0);
  }

  private Node node(int chainIndex) {
    return nodes.get(chain.get(chainIndex) - 1);
  }

  private int vertexOf(String tensor) {
    Node producer = graph.producers().get(tensor);
    Integer vertex = producer == null ? null : vertices.get(producer);
    if (vertex == null) {
      throw Refusal.of(
          "output "
              + tensor
              + ": does not depend on the word embeddings (expected: hidden states)");
    }
    return vertex;
  }

  private List<List<Integer>> predecessors(HiddenFlow flow) {
    Map<String, Integer> makers = new HashMap<>();
    List<List<Integer>> predecessors = new ArrayList<>();
    predecessors.add(List.of());
    for (Node node : leadingToOutput(flow)) {
      nodes.add(node);
      int vertex = nodes.size();
      vertices.put(node, vertex);
      Set<Integer> from = new HashSet<>();
      if (flow.roots().contains(node)) {
        from.add(0);
      }
      for (String read : node.reads()) {
        Integer maker = makers.get(read);
        if (maker != null) {
          from.add(maker);
          consumers.computeIfAbsent(maker, key -> new HashSet<>()).add(vertex);
        }
      }
      predecessors.add(List.copyOf(from));
      node.writes().forEach(tensor -> makers.put(tensor, vertex));
    }
    return predecessors;
  }

  /** Without nodes that are only asked for their shape. */
  private List<Node> leadingToOutput(HiddenFlow flow) {
    Set<String> wanted = new HashSet<>(List.of(graph.outputs().get(0).name()));
    List<Node> leading = new ArrayList<>();
    for (int i = flow.nodes().size() - 1; i >= 0; i--) {
      Node node = flow.nodes().get(i);
      if (node.writes().stream().anyMatch(wanted::contains)) {
        leading.add(node);
        wanted.addAll(node.reads());
      }
    }
    Collections.reverse(leading);
    return leading;
  }

  private int[] stages(Dominators dominators) {
    Map<Integer, Integer> position = new HashMap<>();
    for (int i = 0; i < chain.size(); i++) {
      position.put(chain.get(i), i);
    }
    int[] stages = new int[nodes.size() + 1];
    for (int vertex = 1; vertex < stages.length; vertex++) {
      Integer own = position.get(vertex);
      stages[vertex] = own != null ? own : stages[dominators.immediate(vertex)];
    }
    return stages;
  }
}
