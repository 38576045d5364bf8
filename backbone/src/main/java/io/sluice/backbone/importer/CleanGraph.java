package io.sluice.backbone.importer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Float16Weights;
import io.sluice.backbone.GraphNames;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SessionSettings.Optimization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings an exported model into one form: constants folded by ONNX Runtime's BASIC level, weights
 * float32, no control flow, inputs int64 under the names of {@link InputRole}.
 */
final class CleanGraph {
  private static final long OLDEST_OPSET = 11;

  private CleanGraph() {}

  /**
   * @param notes gets a line for each thing that was assumed or left out
   */
  static Graph of(Graph exported, OnnxRuntime runtime, List<String> notes) {
    if (exported.opset() < OLDEST_OPSET) {
      throw Refusal.of("opset: " + exported.opset() + " (expected: " + OLDEST_OPSET + " or later)");
    }
    requireOpenAxes(exported);
    Graph clean =
        withCanonicalInputs(
            Float16Weights.expand(optimised(RaisedGraph.of(exported, runtime), runtime)), notes);
    if (Conditionals.present(clean)) {
      clean = optimised(Conditionals.resolve(clean, runtime), runtime);
    }
    return clean;
  }

  private static void requireOpenAxes(Graph exported) {
    for (Value input : exported.inputs()) {
      if (InputRole.of(input.name()) == InputRole.INPUT_IDS
          && input.shape().stream().anyMatch(Dim.Known.class::isInstance)) {
        throw Refusal.of(
            "input "
                + input.name()
                + ": shape "
                + input.describeShape()
                + " (expected: (batch, seq), both dynamic)");
      }
    }
  }

  private static Graph optimised(Graph exported, OnnxRuntime runtime) {
    try {
      Path folder = Files.createTempDirectory("sluice-import");
      Path file = folder.resolve("model.onnx");
      try {
        SessionSettings settings = new SessionSettings(Optimization.BASIC, false, file);
        runtime.open(exported, settings).close();
        return OnnxFormat.read(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.FAILED_PRECONDITION, "temporary folder: " + e, e);
    }
  }

  private static Graph withCanonicalInputs(Graph graph, List<String> notes) {
    Map<InputRole, Value> found = roles(graph);
    for (InputRole needed : List.of(InputRole.INPUT_IDS, InputRole.ATTENTION_MASK)) {
      if (!found.containsKey(needed)) {
        throw Refusal.of(
            "inputs: "
                + graph.inputs().stream().map(Value::name).toList()
                + " (expected: one that is "
                + needed.canonicalName()
                + ")");
      }
    }
    Map<String, String> names = new HashMap<>();
    found.forEach((role, value) -> names.put(value.name(), exportedName(role)));
    Graph renamed = GraphNames.rename(graph, names);
    List<Value> inputs = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    Map<String, TensorData> initializers = new HashMap<>(renamed.initializers());
    for (InputRole role : InputRole.values()) {
      Value value = found.get(role);
      if (value == null) {
        continue;
      }
      if (role == InputRole.POSITION_IDS) {
        notes.add("input " + value.name() + ": left out; positions count from 0 in every row");
        nodes.addAll(countedPositions(value.type(), initializers));
        continue;
      }
      inputs.add(Value.of(role.canonicalName(), DataType.INT64, "batch", "seq"));
      nodes.add(cast(role.canonicalName(), exportedName(role), value.type()));
    }
    nodes.addAll(renamed.nodes());
    return withoutPlainCasts(
        Graph.sorted(graph.name(), graph.opsets(), inputs, renamed.outputs(), nodes, initializers));
  }

  private static Map<InputRole, Value> roles(Graph graph) {
    Map<InputRole, Value> found = new HashMap<>();
    for (Value input : graph.inputs()) {
      InputRole role = InputRole.of(input.name());
      if (role == null) {
        throw Refusal.of(
            "input "
                + input.name()
                + ": "
                + input.type()
                + " "
                + input.describeShape()
                + " (expected: input_ids,"
                + " attention_mask, token_type_ids or position_ids)");
      }
      Value before = found.put(role, input);
      if (before != null) {
        throw Refusal.of(
            "inputs "
                + before.name()
                + " and "
                + input.name()
                + ": both "
                + role.canonicalName()
                + " (expected: one)");
      }
    }
    return found;
  }

  private static String exportedName(InputRole role) {
    return role.canonicalName() + "@exported";
  }

  private static Node cast(String from, String to, DataType type) {
    return Node.of(
        "Cast", List.of(from), List.of(to), Map.of("to", Attribute.of((long) type.onnxCode())));
  }

  /**
   * {@code ids - ids + [0, 1, ...)}: what exporters would have been given for rows without padding
   * on the left.
   */
  private static List<Node> countedPositions(DataType type, Map<String, TensorData> initializers) {
    String ids = InputRole.INPUT_IDS.canonicalName();
    initializers.put("positions@zero", TensorData.scalar(0L));
    initializers.put("positions@one", TensorData.scalar(1L));
    initializers.put("positions@axis", TensorData.scalar(1L));
    List<Node> nodes = new ArrayList<>();
    nodes.add(Node.of("Shape", List.of(ids), List.of("positions@shape"), Map.of()));
    nodes.add(
        Node.of(
            "Gather",
            List.of("positions@shape", "positions@axis"),
            List.of("positions@seq"),
            Map.of()));
    nodes.add(
        Node.of(
            "Range",
            List.of("positions@zero", "positions@seq", "positions@one"),
            List.of("positions@row"),
            Map.of()));
    nodes.add(
        Node.of(
            "Expand",
            List.of("positions@row", "positions@shape"),
            List.of("positions@rows"),
            Map.of()));
    nodes.add(cast("positions@rows", exportedName(InputRole.POSITION_IDS), type));
    return nodes;
  }

  /**
   * Drops the casts from int64 to int64 that stand for inputs which had the right type all along.
   */
  private static Graph withoutPlainCasts(Graph graph) {
    Map<String, String> plain = new HashMap<>();
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean fromInput =
          graph.inputs().stream().anyMatch(input -> node.inputs().contains(input.name()));
      if (fromInput && node.is("Cast") && node.intAttribute("to", 0) == DataType.INT64.onnxCode()) {
        plain.put(node.outputs().get(0), node.inputs().get(0));
      } else {
        kept.add(node);
      }
    }
    List<Node> rewired = new ArrayList<>();
    for (Node node : kept) {
      List<String> inputs =
          node.inputs().stream().map(name -> plain.getOrDefault(name, name)).toList();
      rewired.add(
          new Node(
              node.domain(), node.op(), node.name(), inputs, node.outputs(), node.attributes()));
    }
    return new Graph(
        graph.name(),
        graph.opsets(),
        graph.inputs(),
        graph.outputs(),
        rewired,
        graph.initializers());
  }
}
