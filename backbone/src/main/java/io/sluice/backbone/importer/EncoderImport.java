package io.sluice.backbone.importer;

import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorTypes;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An exported encoder, cleaned and cut.
 *
 * @param whole a graph that falls into prologue, blocks and epilogue at {@code boundaries}
 * @param boundaries tensors of {@code whole}, an odd number
 * @param context tensors that the prologue hands to the blocks
 * @param hiddenSize size of the last axis of every boundary
 * @param positionLimit the longest sequence its tables allow, in tokens; empty where nothing limits
 *     it
 * @param vocabularyRows rows of the word embedding table
 * @param notes what was assumed or left out, for people
 */
public record EncoderImport(
    Graph whole,
    List<String> boundaries,
    List<ContextTensor> context,
    int hiddenSize,
    OptionalLong positionLimit,
    long vocabularyRows,
    List<String> notes) {
  public EncoderImport {
    boundaries = List.copyOf(boundaries);
    context = List.copyOf(context);
    notes = List.copyOf(notes);
  }

  /**
   * Cleans and cuts the graph of an exporter.
   *
   * @throws io.sluice.backbone.SluiceException with the reason, when the graph is no encoder that
   *     can be cut
   */
  public static EncoderImport of(Graph exported, OnnxRuntime runtime) {
    List<String> notes = new ArrayList<>();
    Graph clean = CleanGraph.of(exported, runtime, notes);
    Map<String, DataType> types = TensorTypes.of(clean);
    HiddenFlow wideFlow = HiddenFlow.of(clean);
    ShapeProbe probe =
        ShapeProbe.run(
            clean, types, wideFlow.vocabularyRows(), outsideOf(wideFlow, clean), runtime);
    Value output = hiddenOutput(clean, wideFlow, probe, notes);
    Graph pruned = ConstantTargets.of(pruned(clean, output, notes), probe);
    HiddenFlow flow = HiddenFlow.of(pruned);
    int hiddenSize = Math.toIntExact(probe.shape(output.name())[2]);
    List<String> boundaries = BoundaryFinder.find(pruned, flow, probe, hiddenSize);
    CutGraph cut = RegionCut.cut(pruned, flow, probe, boundaries, hiddenSize);
    return new EncoderImport(
        cut.whole(),
        cut.boundaries(),
        cut.context(),
        hiddenSize,
        PositionLimit.of(pruned, probe),
        flow.vocabularyRows(),
        notes);
  }

  private static Set<String> outsideOf(HiddenFlow flow, Graph graph) {
    Set<String> outside = new HashSet<>();
    graph.nodes().forEach(node -> outside.addAll(node.writes()));
    outside.removeAll(flow.tensors());
    return outside;
  }

  /**
   * The output of shape (batch, seq, hidden): by its usual name, else the one that most of the
   * graph leads to.
   */
  private static Value hiddenOutput(
      Graph graph, HiddenFlow flow, ShapeProbe probe, List<String> notes) {
    List<Value> candidates =
        graph.outputs().stream()
            .filter(output -> flow.tensors().contains(output.name()))
            .filter(output -> isHidden(output.name(), flow, probe))
            .toList();
    if (candidates.isEmpty()) {
      throw Refusal.of(
          "outputs: "
              + graph.outputs().stream().map(output -> describe(output, probe)).toList()
              + " (expected: one that is FLOAT (batch, seq, hidden), depends on the word embeddings and is not as"
              + " wide as the vocabulary of "
              + flow.vocabularyRows()
              + ")");
    }
    Value chosen =
        candidates.stream()
            .filter(output -> output.name().startsWith("last_hidden_state"))
            .findFirst()
            .or(
                () ->
                    candidates.stream()
                        .max(Comparator.comparingInt(output -> nodesBehind(graph, output))))
            .orElseThrow();
    for (Value output : graph.outputs()) {
      if (!output.equals(chosen)) {
        notes.add("output " + output.name() + ": left out; the hidden states are " + chosen.name());
      }
    }
    return chosen;
  }

  private static String describe(Value output, ShapeProbe probe) {
    List<DimRule> dims = probe.dims(output.name());
    String shape = dims == null ? "of varying rank" : probe.value(output.name()).describeShape();
    return output.name() + " " + output.type() + " " + shape;
  }

  private static boolean isHidden(String tensor, HiddenFlow flow, ShapeProbe probe) {
    long[] shape = probe.shape(tensor);
    return probe.type(tensor) == DataType.FLOAT
        && shape.length == 3
        && shape[2] != flow.vocabularyRows()
        && probe.isHidden(tensor, shape[2]);
  }

  private static int nodesBehind(Graph graph, Value output) {
    return graph.extract("behind", graph.inputs(), List.of(output)).nodes().size();
  }

  private static Graph pruned(Graph graph, Value output, List<String> notes) {
    Value declared = new Value(output.name(), DataType.FLOAT, List.of(new Dim.Rest()));
    Graph pruned = graph.extract(graph.name(), graph.inputs(), List.of(declared));
    Set<String> read = pruned.consumers().keySet();
    List<Value> used = new ArrayList<>();
    for (Value input : pruned.inputs()) {
      if (read.contains(input.name())) {
        used.add(input);
      } else {
        notes.add("input " + input.name() + ": left out; the hidden states do not depend on it");
      }
    }
    if (used.stream()
        .noneMatch(input -> input.name().equals(InputRole.ATTENTION_MASK.canonicalName()))) {
      throw Refusal.of(
          "input "
              + InputRole.ATTENTION_MASK.canonicalName()
              + ": not used (expected: used, so that padding does not"
              + " change the result)");
    }
    return new Graph(
        pruned.name(),
        pruned.opsets(),
        used,
        pruned.outputs(),
        pruned.nodes(),
        pruned.initializers());
  }
}
