package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The graph inside a control-flow node. Unlike a {@link Graph} it may read names of the graphs
 * around it and shares their operator sets. Immutable.
 *
 * @param outputs names only: the runtime infers their types, and files often leave them out
 */
public record Body(
    String name,
    List<Value> inputs,
    List<String> outputs,
    List<Node> nodes,
    Map<String, TensorData> initializers) {
  public Body {
    requireNonNull(name, "name");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    initializers = Collections.unmodifiableMap(new TreeMap<>(initializers));
    Scope.check(name, inputs, outputs, nodes, initializers.keySet());
  }

  /** The names this body reads but does not make; the graphs around it must. */
  public Set<String> captures() {
    return Collections.unmodifiableSet(
        Scope.check(name, inputs, outputs, nodes, initializers.keySet()));
  }
}
