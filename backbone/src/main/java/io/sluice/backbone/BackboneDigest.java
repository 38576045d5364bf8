package io.sluice.backbone;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SHA-256 that names a backbone.
 *
 * <p>Hashed, in this order, every string with its length before it and every number as 8 bytes
 * big-endian:
 *
 * <ol>
 *   <li>the text {@code sluice.backbone.v1};
 *   <li>the operator sets in use, by domain;
 *   <li>each input of the whole graph: name, type, number of axes;
 *   <li>the graph, walked depth-first from the output, then from each boundary, then from each
 *       context tensor: a tensor gets the next number when it is first completed; an initializer
 *       adds its type, shape and little-endian bytes; a node adds its domain, operator, attributes
 *       by name, the numbers of its inputs (-1 for an absent one) and the number of its outputs;
 *   <li>the numbers of the boundaries and of the context tensors, and for these the axis rule
 *       ({@code perRow});
 *   <li>the bytes of {@code tokenizer.json}.
 * </ol>
 *
 * Not hashed: names of tensors and nodes, the order of independent nodes, the backbone's name,
 * notes, and the form in which weights were stored (float16 on disk or not).
 */
final class BackboneDigest {
  private final MessageDigest sha = Digest.sha256();
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
  private final Map<String, Long> numbers = new HashMap<>();
  private final Graph graph;
  private final Map<String, Node> producers;

  private BackboneDigest(Graph graph) {
    this.graph = graph;
    this.producers = graph.producers();
  }

  static Digest of(
      Graph whole, List<String> boundaries, List<ContextTensor> context, byte[] tokenizerJson) {
    return new BackboneDigest(whole).compute(boundaries, context, tokenizerJson);
  }

  private Digest compute(
      List<String> boundaries, List<ContextTensor> context, byte[] tokenizerJson) {
    text("sluice.backbone.v1");
    Map<String, Long> opsets = new TreeMap<>();
    graph
        .nodes()
        .forEach(node -> opsets.put(node.domain(), graph.opsets().getOrDefault(node.domain(), 0L)));
    opsets.forEach(
        (domain, version) -> {
          text(domain);
          number(version);
        });
    graph.inputs().forEach(this::input);
    graph.outputs().forEach(output -> walk(output.name()));
    boundaries.forEach(this::walk);
    context.forEach(tensor -> walk(tensor.name()));
    boundaries.forEach(boundary -> number(numberOf(boundary)));
    for (ContextTensor tensor : context) {
      number(numberOf(tensor.name()));
      number(tensor.perRow() ? 1 : 0);
    }
    number(tokenizerJson.length);
    sha.update(tokenizerJson);
    return Digest.finish(sha);
  }

  private void input(Value input) {
    text(input.name());
    text(input.type().name());
    number(input.shape().size());
    input.shape().forEach(dim -> number(dim instanceof Dim.Known known ? known.size() : -1));
    numbers.put(input.name(), (long) numbers.size());
  }

  /** Numbers {@code target} and all it depends on; without recursion, for graphs are deep. */
  private void walk(String target) {
    Deque<String> open = new ArrayDeque<>();
    open.push(target);
    while (!open.isEmpty()) {
      String tensor = open.peek();
      if (numbers.containsKey(tensor)) {
        open.pop();
        continue;
      }
      TensorData weight = graph.initializers().get(tensor);
      if (weight != null) {
        weight(weight);
        numbers.put(tensor, (long) numbers.size());
        open.pop();
        continue;
      }
      Node node = producers.get(tensor);
      if (node == null) {
        throw new IllegalArgumentException(
            "tensor " + tensor + ": not in the graph (expected: a tensor of " + graph.name() + ")");
      }
      if (!pushMissing(node, open)) {
        node(node);
        node.writes().forEach(output -> numbers.put(output, (long) numbers.size()));
        open.pop();
      }
    }
  }

  private boolean pushMissing(Node node, Deque<String> open) {
    boolean missing = false;
    List<String> inputs = node.inputs();
    for (int i = inputs.size() - 1; i >= 0; i--) {
      if (!inputs.get(i).isEmpty() && !numbers.containsKey(inputs.get(i))) {
        open.push(inputs.get(i));
        missing = true;
      }
    }
    return missing;
  }

  private void node(Node node) {
    text(node.domain());
    text(node.op());
    number(node.attributes().size());
    node.attributes().forEach(this::attribute);
    number(node.inputs().size());
    node.inputs().forEach(input -> number(input.isEmpty() ? -1 : numberOf(input)));
    number(node.outputs().size());
    node.outputs().forEach(output -> number(output.isEmpty() ? 0 : 1));
  }

  private void attribute(String name, Attribute value) {
    text(name);
    text(value.getClass().getSimpleName());
    if (value instanceof Attribute.OfTensor tensor) {
      weight(tensor.value());
    } else if (value instanceof Attribute.OfGraph) {
      throw new IllegalArgumentException(
          "attribute " + name + ": a graph (expected: no control flow in a backbone)");
    } else if (value instanceof Attribute.OfFloat f) {
      number(Float.floatToRawIntBits(f.value()));
    } else if (value instanceof Attribute.OfFloats floats) {
      number(floats.values().size());
      floats.values().forEach(f -> number(Float.floatToRawIntBits(f)));
    } else if (value instanceof Attribute.OfInt i) {
      number(i.value());
    } else if (value instanceof Attribute.OfInts ints) {
      number(ints.values().size());
      ints.values().forEach(this::number);
    } else if (value instanceof Attribute.OfString s) {
      text(s.value());
    } else if (value instanceof Attribute.OfStrings strings) {
      number(strings.values().size());
      strings.values().forEach(this::text);
    }
  }

  private void weight(TensorData data) {
    text(data.type().name());
    number(data.rank());
    for (long size : data.shape()) {
      number(size);
    }
    sha.update(data.bytes());
  }

  private long numberOf(String tensor) {
    Long found = numbers.get(tensor);
    if (found == null) {
      throw new IllegalStateException("tensor " + tensor + ": not numbered (expected: walked)");
    }
    return found;
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length);
    sha.update(utf8);
  }

  private void number(long value) {
    number.clear();
    number.putLong(value);
    sha.update(number.array());
  }
}
