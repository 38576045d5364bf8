package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.form.FirstTokenForm;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.trainer.autodiff.ForwardFusion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A backbone written into a graph piece by piece, with something put in between. Confined to one
 * thread.
 */
final class BackboneNodes {
  /** What goes on between two blocks. */
  interface Between {
    /**
     * Puts nodes behind block {@code point}.
     *
     * @return the tensor that the next block gets
     */
    String behind(int point, String blockInput, String blockOutput);
  }

  private final GraphBuilder graph;
  private final Backbone backbone;
  private final int boundary;
  private final Graph start;
  private final Map<String, String> tokens = new HashMap<>();

  /**
   * Declares the inputs in the graph.
   *
   * @param boundary where it begins: 0 with the tokens, else with the hidden states there
   */
  BackboneNodes(GraphBuilder graph, Backbone backbone, int boundary) {
    this.graph = graph;
    this.backbone = backbone;
    this.boundary = boundary;
    this.start = boundary == 0 ? backbone.prologue() : context(backbone);
    for (Value input : start.inputs()) {
      tokens.put(input.name(), graph.input(input.name(), DataType.INT64, "batch", "seq"));
    }
  }

  /** The part of the prologue that computes the context, which is cheap, without the embeddings. */
  private static Graph context(Backbone backbone) {
    Graph prologue = backbone.prologue();
    List<Value> outputs = backbone.context().stream().map(ContextTensor::value).toList();
    Graph part = prologue.extract("context", prologue.inputs(), outputs);
    Set<String> read = new HashSet<>(part.consumers().keySet());
    outputs.forEach(output -> read.add(output.name()));
    List<Value> used = part.inputs().stream().filter(input -> read.contains(input.name())).toList();
    return new Graph(
        "context", part.opsets(), used, part.outputs(), part.nodes(), part.initializers());
  }

  /** The attention mask (batch, seq), int64; declared if the backbone does not read it itself. */
  String mask() {
    return tokens.computeIfAbsent(
        BatchTensors.ATTENTION_MASK, name -> graph.input(name, DataType.INT64, "batch", "seq"));
  }

  /**
   * Writes what comes before the first block, blocks and epilogue.
   *
   * @param firstToken whether of the final hidden states only those of the first token are wanted,
   *     and what is put in between computes each token by itself
   * @return the final hidden states, (batch, seq or 1, hidden)
   */
  String emit(boolean firstToken, Between between) {
    int firstTokenPoint = firstToken ? backbone.firstTokenPoint() : Integer.MAX_VALUE;
    Map<String, String> context = new HashMap<>(appendBound(start, tokens));
    String hidden;
    if (boundary == 0) {
      hidden = requireNonNull(context.get(Backbone.PROLOGUE_OUTPUT));
    } else {
      String trunk =
          graph.input(Tensors.TRUNK, DataType.FLOAT, "batch", "seq", backbone.hiddenSize());
      String entering = boundary < firstTokenPoint ? trunk : FirstTokenForm.of(graph, trunk);
      hidden = between.behind(boundary, entering, entering);
    }
    for (int point = boundary + 1; point <= backbone.points(); point++) {
      context.put(Backbone.BLOCK_INPUT, hidden);
      boolean narrows = point == firstTokenPoint;
      Graph block = backbone.block(point);
      String output =
          appendBound(narrows ? FirstTokenForm.of(block) : block, context, Backbone.BLOCK_OUTPUT);
      String input = narrows ? FirstTokenForm.of(graph, hidden) : hidden;
      hidden = between.behind(point, input, output);
    }
    Graph epilogue = backbone.epilogue();
    if (epilogue == null) {
      return hidden;
    }
    context.put(Backbone.BLOCK_INPUT, hidden);
    return appendBound(epilogue, context, Backbone.EPILOGUE_OUTPUT);
  }

  /** Writes the untouched model; returns the final hidden states. */
  String emitWhole() {
    return appendBound(backbone.whole(), tokens, Backbone.MODEL_OUTPUT);
  }

  /**
   * Writes the untouched model with other weights; returns the final hidden states.
   *
   * @param lifted the model with weights as inputs, fused already
   * @param weights tensor of each of those
   */
  String emitWhole(Graph lifted, Map<String, String> weights) {
    Map<String, String> binding = new HashMap<>(weights);
    for (Value input : backbone.whole().inputs()) {
      binding.put(input.name(), requireNonNull(tokens.get(input.name()), input.name()));
    }
    return requireNonNull(graph.append(lifted, binding).get(Backbone.MODEL_OUTPUT));
  }

  private String appendBound(Graph part, Map<String, String> available, String output) {
    return requireNonNull(appendBound(part, available).get(output), output);
  }

  private Map<String, String> appendBound(Graph part, Map<String, String> available) {
    Map<String, String> binding = new HashMap<>();
    for (Value input : part.inputs()) {
      binding.put(input.name(), requireNonNull(available.get(input.name()), input.name()));
    }
    // Fusions the runtime would make itself, were no tensor read by the backward pass as well.
    return graph.append(ForwardFusion.apply(part), binding);
  }
}
