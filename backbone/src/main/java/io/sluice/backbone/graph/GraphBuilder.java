package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A graph being written: add inputs, weights and nodes in the order of computation, name the
 * outputs, {@link #build()}. Building does not end the builder. Confined to one thread.
 *
 * <p>Names that are handed back are the handles of the tensors. {@code ai.onnx} is at the version
 * the builder was made with, {@code com.microsoft} joins at version 1 when it is first used.
 */
public final class GraphBuilder {
  private final String name;
  private final Map<String, Long> opsets = new TreeMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, TensorData> initializers = new TreeMap<>();
  private final Map<TensorData, String> constants = new HashMap<>();
  private final Set<String> known = new HashSet<>();
  private final FreshNames names = new FreshNames();

  /** An empty graph at the given version of {@code ai.onnx}. */
  public GraphBuilder(String name, long opset) {
    this(name, Map.of("", opset));
  }

  /**
   * An empty graph at the given versions; pass {@code graph.opsets()} to write nodes that join that
   * graph.
   */
  public GraphBuilder(String name, Map<String, Long> opsets) {
    this.name = requireNonNull(name, "name");
    opsets.forEach((domain, version) -> this.opsets.put(Node.canonicalDomain(domain), version));
  }

  /** The version of {@code ai.onnx}: emitters choose the form of an operator by it. */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }

  /** Declares an input and returns its name. */
  public String input(Value value) {
    make(value.name());
    inputs.add(value);
    return value.name();
  }

  /** Declares an input; dims as in {@link Value#of}. */
  public String input(String name, DataType type, Object... dims) {
    return input(Value.of(name, type, dims));
  }

  /** Declares the tensor of that name, which must have been made, as an output. */
  public void output(Value value) {
    requireKnown(value.name());
    outputs.add(value);
  }

  /** Declares an output; dims as in {@link Value#of}. */
  public void output(String name, DataType type, Object... dims) {
    output(Value.of(name, type, dims));
  }

  /** Declares an output whose name is {@code value}'s and whose content is {@code source}'s. */
  public void outputAs(String source, Value value) {
    if (!source.equals(value.name())) {
      identity(source, value.name());
    }
    output(value);
  }

  /** Makes {@code target} the same tensor as {@code source}, and returns {@code target}. */
  public String identity(String source, String target) {
    add(Node.of("Identity", List.of(source), List.of(target), Map.of()));
    return target;
  }

  /** Keeps names that will be added later: no fresh name is one of them. */
  public void keep(String tensor) {
    names.reserve(requireNonNull(tensor, "tensor"));
  }

  /**
   * Adds a weight, named by the hint or a fresh name after it; the same instance under the same
   * hint is added once.
   */
  @SuppressWarnings(
      "ReferenceEquality") // Comparing the bytes of large weights would cost more than it saves.
  public String initializer(String nameHint, TensorData data) {
    requireNonNull(data, "data");
    if (initializers.get(nameHint) == data) {
      return nameHint;
    }
    String fresh = fresh(nameHint);
    make(fresh);
    initializers.put(fresh, data);
    return fresh;
  }

  /** A FLOAT scalar; equal constants are one initializer. */
  public String constant(float value) {
    return constant(TensorData.scalar(value));
  }

  /** An INT64 vector of one element; without it {@code constant(2)} would be the FLOAT 2. */
  public String constant(long value) {
    return constant(new long[] {value});
  }

  /** An INT64 vector (for axes, shapes, starts); equal constants are one initializer. */
  public String constant(long... values) {
    return constant(TensorData.longs(values, values.length));
  }

  /** A small constant; equal ones are one initializer. */
  public String constant(TensorData value) {
    String existing = constants.get(value);
    if (existing != null) {
      return existing;
    }
    String made = initializer("const", value);
    constants.put(value, made);
    return made;
  }

  /** A name nothing in this graph has: the hint itself or the hint and a number. */
  public String fresh(String hint) {
    return names.fresh(hint);
  }

  /** Adds an {@code ai.onnx} operator with one output and returns the output's fresh name. */
  public String node(String op, String... inputs) {
    return node(op, Arrays.asList(inputs), Map.of());
  }

  /** Adds an {@code ai.onnx} operator with one output and returns the output's fresh name. */
  public String node(String op, List<String> inputs, Map<String, Attribute> attributes) {
    return node("", op, inputs, 1, attributes).get(0);
  }

  /** Adds an operator with as many outputs as asked for and returns their fresh names. */
  public List<String> node(
      String domain,
      String op,
      List<String> inputs,
      int outputs,
      Map<String, Attribute> attributes) {
    List<String> made = new ArrayList<>(outputs);
    for (int i = 0; i < outputs; i++) {
      made.add(fresh(outputs == 1 ? op : op + "_" + i));
    }
    add(new Node(domain, op, "", inputs, made, attributes));
    return List.copyOf(made);
  }

  /** Adds a node as it is; what it reads must have been made, what it makes must be new. */
  public void add(Node node) {
    if (node.domain().equals(Node.MICROSOFT) || node.domain().equals(Node.SLUICE)) {
      opsets.putIfAbsent(node.domain(), 1L);
    }
    if (!opsets.containsKey(node.domain())) {
      throw new IllegalArgumentException(
          "graph "
              + name
              + ": "
              + node.describe()
              + ": domain "
              + node.domain()
              + " (expected: one of "
              + opsets.keySet()
              + ")");
    }
    node.reads().forEach(this::requireKnown);
    node.writes().forEach(this::make);
    nodes.add(node);
  }

  /**
   * Writes a whole graph into this one: its inputs become the tensors they are bound to, all it
   * makes inside gets fresh names. An initializer that is here already under its name as the same
   * instance is shared. A part of an earlier {@code ai.onnx} is {@linkplain OpsetUpgrade raised} to
   * ours; one of a later is refused ({@code FAILED_PRECONDITION}).
   *
   * @param inputBinding a tensor made here for every input of {@code part}
   * @return the name here of each output of {@code part}
   */
  public Map<String, String> append(Graph part, Map<String, String> inputBinding) {
    return inline(atOurOpsets(part), inputBinding);
  }

  private Map<String, String> inline(Graph part, Map<String, String> inputBinding) {
    Map<String, String> here = new HashMap<>();
    for (Value input : part.inputs()) {
      String bound = inputBinding.get(input.name());
      if (bound == null) {
        throw new IllegalArgumentException(
            "append "
                + part.name()
                + ": input "
                + input.name()
                + ": unbound (expected: a tensor of "
                + name
                + ")");
      }
      requireKnown(bound);
      here.put(input.name(), bound);
    }
    for (String bound : inputBinding.keySet()) {
      if (!here.containsKey(bound)) {
        throw new IllegalArgumentException(
            "append "
                + part.name()
                + ": binding of "
                + bound
                + " (expected: one of its inputs "
                + here.keySet()
                + ")");
      }
    }
    part.initializers().forEach((weight, data) -> here.put(weight, initializer(weight, data)));
    Renaming renaming = new Renaming(here, names);
    for (Node node : part.nodes()) {
      add(renaming.apply(node));
    }
    Map<String, String> made = new HashMap<>();
    part.outputs().forEach(output -> made.put(output.name(), renaming.name(output.name())));
    return Map.copyOf(made);
  }

  /** The graph as it stands; weights are shared with it. */
  public Graph build() {
    return new Graph(name, opsets, inputs, outputs, nodes, initializers);
  }

  private Graph atOurOpsets(Graph part) {
    Long theirs = part.opsets().get("");
    Graph raised = theirs != null && theirs < opset() ? OpsetUpgrade.raise(part, opset()) : part;
    raised.opsets().forEach((domain, version) -> requireSame(part, domain, version));
    return raised;
  }

  private void requireSame(Graph part, String domain, long version) {
    Long ours = opsets.putIfAbsent(domain, version);
    if (ours != null && ours != version) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "append "
              + part.name()
              + " to "
              + name
              + ": opset of '"
              + domain
              + "': "
              + version
              + " (expected: "
              + ours
              + ")");
    }
  }

  private void make(String tensor) {
    if (!known.add(requireNonNull(tensor, "tensor"))) {
      throw new IllegalArgumentException(
          "graph " + name + ": tensor " + tensor + ": made already (expected: a new name)");
    }
    names.reserve(tensor);
  }

  private void requireKnown(String tensor) {
    if (!known.contains(tensor)) {
      throw new IllegalArgumentException(
          "graph "
              + name
              + ": tensor "
              + tensor
              + ": made by nothing (expected: an input, an initializer or a node before)");
    }
  }
}
