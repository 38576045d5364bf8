package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One operator call of a graph. Immutable.
 *
 * @param domain operator set; "" for {@code ai.onnx}
 * @param op operator type, e.g. {@code MatMul}
 * @param name for people only; may be empty
 * @param inputs tensor names in the operator's order; "" for an absent optional input
 * @param outputs tensor names in the operator's order; "" for an optional output that is not wanted
 * @param attributes by name, sorted
 */
public record Node(
    String domain,
    String op,
    String name,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes) {
  /** The domain of ONNX Runtime's own operators. */
  public static final String MICROSOFT = "com.microsoft";

  /** The domain of operators of our own, on devices that have them. */
  public static final String SLUICE = "io.sluice";

  public Node {
    requireNonNull(domain, "domain");
    requireNonNull(op, "op");
    requireNonNull(name, "name");
    domain = canonicalDomain(domain);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    if (op.isEmpty()) {
      throw new IllegalArgumentException("op: '' (expected: an operator type)");
    }
  }

  /** A nameless node of {@code ai.onnx}. */
  public static Node of(
      String op, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
    return new Node("", op, "", inputs, outputs, attributes);
  }

  /** Whether this is the operator {@code op} of {@code ai.onnx}. */
  public boolean is(String op) {
    return domain.isEmpty() && this.op.equals(op);
  }

  /**
   * The names of all tensors this node reads: its present inputs and what its bodies take from
   * outside.
   */
  public Set<String> reads() {
    Set<String> names = new LinkedHashSet<>(inputs);
    for (Body body : bodies()) {
      names.addAll(body.captures());
    }
    names.remove("");
    return names;
  }

  /** The same operator reading other tensors; what its bodies capture stays. */
  public Node reading(UnaryOperator<String> renaming) {
    return new Node(domain, op, name, inputs.stream().map(renaming).toList(), outputs, attributes);
  }

  /** The names of all tensors this node makes, without the absent ones. */
  public List<String> writes() {
    return outputs.stream().filter(output -> !output.isEmpty()).toList();
  }

  /** The bodies among the attributes. */
  public List<Body> bodies() {
    return attributes.values().stream()
        .filter(Attribute.OfGraph.class::isInstance)
        .map(attribute -> ((Attribute.OfGraph) attribute).value())
        .toList();
  }

  /** The name of input {@code index}, or null where it is absent. */
  public @Nullable String input(int index) {
    return index < inputs.size() && !inputs.get(index).isEmpty() ? inputs.get(index) : null;
  }

  /** The name of output {@code index}, or null where it is not wanted. */
  public @Nullable String output(int index) {
    return index < outputs.size() && !outputs.get(index).isEmpty() ? outputs.get(index) : null;
  }

  /** The attribute, or null where the operator's default holds. */
  public @Nullable Attribute attribute(String attribute) {
    return attributes.get(attribute);
  }

  public long intAttribute(String attribute, long absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.OfInt i) {
      return i.value();
    }
    throw wrongKind(attribute, value, "an int");
  }

  public float floatAttribute(String attribute, float absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.OfFloat f) {
      return f.value();
    }
    throw wrongKind(attribute, value, "a float");
  }

  public String stringAttribute(String attribute, String absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.OfString s) {
      return s.value();
    }
    throw wrongKind(attribute, value, "a string");
  }

  public List<Long> intsAttribute(String attribute, List<Long> absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.OfInts ints) {
      return ints.values();
    }
    throw wrongKind(attribute, value, "ints");
  }

  public @Nullable TensorData tensorAttribute(String attribute) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return null;
    }
    if (value instanceof Attribute.OfTensor tensor) {
      return tensor.value();
    }
    throw wrongKind(attribute, value, "a tensor");
  }

  /** Operator and outputs, for messages: {@code MatMul -> y}. */
  public String describe() {
    return (domain.isEmpty() ? "" : domain + ".") + op + " -> " + String.join(", ", outputs);
  }

  static String canonicalDomain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  private IllegalArgumentException wrongKind(String attribute, Attribute found, String expected) {
    return new IllegalArgumentException(
        describe() + ": attribute " + attribute + ": " + found + " (expected: " + expected + ")");
  }
}
