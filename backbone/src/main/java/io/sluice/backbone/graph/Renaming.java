package io.sluice.backbone.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A consistent renaming of the tensors of one graph; what it has not met yet gets a fresh name.
 * Confined to one thread.
 */
final class Renaming {
  private final Map<String, String> names;
  private final FreshNames fresh;

  Renaming(Map<String, String> names, FreshNames fresh) {
    this.names = new HashMap<>(names);
    this.fresh = fresh;
  }

  String name(String old) {
    return old.isEmpty() ? old : names.computeIfAbsent(old, fresh::fresh);
  }

  Node apply(Node node) {
    Map<String, Attribute> attributes = new TreeMap<>(node.attributes());
    attributes.replaceAll(
        (name, value) ->
            value instanceof Attribute.OfGraph body
                ? new Attribute.OfGraph(apply(body.value()))
                : value);
    return new Node(
        node.domain(),
        node.op(),
        node.name(),
        names(node.inputs()),
        names(node.outputs()),
        attributes);
  }

  /** Names made inside a body are renamed as well, so that none of them hides a name outside. */
  private Body apply(Body body) {
    Map<String, TensorData> initializers = new TreeMap<>();
    body.initializers().forEach((name, data) -> initializers.put(name(name), data));
    return new Body(
        body.name(),
        values(body.inputs()),
        names(body.outputs()),
        body.nodes().stream().map(this::apply).toList(),
        initializers);
  }

  private List<String> names(List<String> old) {
    return old.stream().map(this::name).toList();
  }

  private List<Value> values(List<Value> old) {
    return old.stream().map(value -> value.named(name(value.name()))).toList();
  }
}
