package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A whole ONNX graph: what it takes, what it gives, its operator calls and its weights. Immutable
 * and self-contained.
 *
 * <p>Checked when made: every tensor is made once (by an input, an initializer or a node), nodes
 * come after what they read, every name that is read is made, every operator domain is in {@code
 * opsets}.
 *
 * @param opsets version for each operator domain; "" is {@code ai.onnx}
 * @param nodes in topological order
 * @param initializers constant tensors by name, sorted; no initializer is an input as well
 */
public record Graph(
    String name,
    Map<String, Long> opsets,
    List<Value> inputs,
    List<Value> outputs,
    List<Node> nodes,
    Map<String, TensorData> initializers) {
  public Graph {
    requireNonNull(name, "name");
    Map<String, Long> domains = new TreeMap<>();
    opsets.forEach((domain, version) -> domains.put(Node.canonicalDomain(domain), version));
    opsets = Collections.unmodifiableMap(domains);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    initializers = Collections.unmodifiableMap(new TreeMap<>(initializers));
    Set<String> unknown =
        Scope.check(
            name, inputs, outputs.stream().map(Value::name).toList(), nodes, initializers.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "graph "
              + name
              + ": tensor "
              + unknown.iterator().next()
              + ": made by nothing (expected: an input, an "
              + "initializer or a node)");
    }
    checkDomains(name, opsets.keySet(), nodes);
  }

  /** A graph whose nodes are given in any order. */
  public static Graph sorted(
      String name,
      Map<String, Long> opsets,
      List<Value> inputs,
      List<Value> outputs,
      List<Node> nodes,
      Map<String, TensorData> initializers) {
    return new Graph(name, opsets, inputs, outputs, Scope.sort(name, nodes), initializers);
  }

  /** The version of {@code ai.onnx}; 0 where no node needs it. */
  public long opset() {
    return opsets.getOrDefault("", 0L);
  }

  /**
   * The maker of each tensor that a node makes; computed anew at each call, in time of the number
   * of nodes.
   */
  public Map<String, Node> producers() {
    Map<String, Node> producers = new HashMap<>();
    for (Node node : nodes) {
      for (String output : node.writes()) {
        producers.put(output, node);
      }
    }
    return producers;
  }

  /**
   * The readers of each tensor that is read, bodies included, in the order of the nodes and each
   * once; being a graph output is not reading. Computed anew at each call.
   */
  public Map<String, List<Node>> consumers() {
    Map<String, List<Node>> consumers = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (String read : node.reads()) {
        consumers.computeIfAbsent(read, key -> new ArrayList<>()).add(node);
      }
    }
    return consumers;
  }

  /** The initializer of that name. */
  public TensorData initializer(String initializer) {
    TensorData data = initializers.get(initializer);
    if (data == null) {
      throw new IllegalArgumentException(
          "graph "
              + name
              + ": initializer "
              + initializer
              + ": none (expected: one of the graph's)");
    }
    return data;
  }

  /** Bytes of all initializers together. */
  public long initializerBytes() {
    return initializers.values().stream().mapToLong(TensorData::sizeBytes).sum();
  }

  /** The same inputs and outputs, without nodes and initializers that no output needs. */
  public Graph lean() {
    return extract(name, inputs, outputs);
  }

  /**
   * The part of this graph that computes {@code outputs} from {@code inputs}, with just the nodes
   * and initializers it needs; weights are shared, not copied. An input may be any tensor of this
   * graph: what makes it is left out. An input that nothing needs stays an input.
   *
   * @throws IllegalArgumentException when an output needs an input of this graph that is not among
   *     {@code inputs}
   */
  public Graph extract(String name, List<Value> inputs, List<Value> outputs) {
    Map<String, Node> producers = producers();
    Set<String> given = inputs.stream().map(Value::name).collect(Collectors.toSet());
    Set<String> ours = this.inputs.stream().map(Value::name).collect(Collectors.toSet());
    Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, TensorData> weights = new TreeMap<>();
    Set<String> seen = new HashSet<>(given);
    List<String> open = new ArrayList<>(outputs.stream().map(Value::name).toList());
    while (!open.isEmpty()) {
      String tensor = open.remove(open.size() - 1);
      if (!seen.add(tensor)) {
        continue;
      }
      Node producer = producers.get(tensor);
      TensorData weight = initializers.get(tensor);
      if (producer != null) {
        if (needed.add(producer)) {
          open.addAll(producer.reads());
        }
      } else if (weight != null) {
        weights.put(tensor, weight);
      } else {
        String what =
            ours.contains(tensor) ? "needed, but not among the inputs" : "not in the graph";
        throw new IllegalArgumentException(
            "extract "
                + name
                + " of "
                + this.name
                + ": tensor "
                + tensor
                + ": "
                + what
                + " (expected: computable from "
                + given
                + ")");
      }
    }
    return new Graph(name, opsets, inputs, outputs, withoutRemaking(needed, given), weights);
  }

  /**
   * The needed nodes in order; where one also makes a tensor that is given, that output is dropped.
   */
  private List<Node> withoutRemaking(Set<Node> needed, Set<String> given) {
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes) {
      if (!needed.contains(node)) {
        continue;
      }
      if (node.outputs().stream().anyMatch(given::contains)) {
        List<String> outputs =
            node.outputs().stream().map(out -> given.contains(out) ? "" : out).toList();
        kept.add(
            new Node(
                node.domain(), node.op(), node.name(), node.inputs(), outputs, node.attributes()));
      } else {
        kept.add(node);
      }
    }
    return kept;
  }

  private static void checkDomains(String graph, Set<String> domains, List<Node> nodes) {
    for (Node node : nodes) {
      if (!domains.contains(node.domain())) {
        throw new IllegalArgumentException(
            "graph "
                + graph
                + ": "
                + node.describe()
                + ": domain '"
                + node.domain()
                + "' (expected: one of "
                + domains
                + ")");
      }
      for (Body body : node.bodies()) {
        checkDomains(graph, domains, body.nodes());
      }
    }
  }
}
