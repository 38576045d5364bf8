package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.form.FirstTokenForm;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.ActivationRanges;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The frozen encoder that all tasks share: one cleaned graph, the boundaries at which it may be
 * cut, and its tokenizer.
 *
 * <p>Boundary k is a float32 tensor (batch, seq, hidden) through which all of the hidden flow
 * passes; block k computes boundary k from boundary k - 1. The prologue computes boundary 0 and the
 * {@link #context() context}; the epilogue, if there is one, computes the output from the last
 * boundary. Every block takes the sizes it needs from its own input, so it may be run on any rows
 * of a batch.
 *
 * <p>Immutable, thread-safe, nothing to close; the graphs it hands out share its weights.
 */
public final class Backbone {
  /** Input of every block and of the epilogue: (batch, seq, hidden) float32. */
  public static final String BLOCK_INPUT = "block_input";

  /** Output of every block: (batch, seq, hidden) float32. */
  public static final String BLOCK_OUTPUT = "block_output";

  /** Output of the prologue beside the context: (batch, seq, hidden) float32. */
  public static final String PROLOGUE_OUTPUT = "h0";

  /** Output of the epilogue: (batch, seq, hidden) float32. */
  public static final String EPILOGUE_OUTPUT = "hidden";

  /** Output of the whole model: (batch, seq, hidden) float32. */
  public static final String MODEL_OUTPUT = "last_hidden_state";

  private final String name;
  private final Graph whole;
  private final List<String> boundaries;
  private final List<ContextTensor> context;
  private final int hiddenSize;
  private final int maxPositions;
  private final List<String> notes;
  private final byte[] tokenizerJson;
  private final Digest digest;
  private final ActivationRanges ranges;
  private final int firstTokenPoint;

  /**
   * A backbone of whose activations nothing is known.
   *
   * @param whole inputs among {@code input_ids}, {@code attention_mask}, {@code token_type_ids}
   *     (int64, (batch, seq)), the one output {@link #MODEL_OUTPUT}; between two boundaries nothing
   *     is read but the lower of them, the context and weights
   * @param boundaries tensors of {@code whole}, an odd number from 3 on
   * @param notes what the import left out or assumed, for people
   */
  public Backbone(
      String name,
      Graph whole,
      List<String> boundaries,
      List<ContextTensor> context,
      int hiddenSize,
      int maxPositions,
      List<String> notes,
      byte[] tokenizerJson) {
    this.name = requireNonNull(name, "name");
    this.whole = requireNonNull(whole, "whole");
    this.boundaries = List.copyOf(boundaries);
    this.context = List.copyOf(context);
    this.hiddenSize = hiddenSize;
    this.maxPositions = maxPositions;
    this.notes = List.copyOf(notes);
    this.tokenizerJson = tokenizerJson.clone();
    if (boundaries.size() < 3 || boundaries.size() % 2 == 0) {
      throw new IllegalArgumentException(
          "boundaries: " + boundaries.size() + " (expected: an odd number >= 3)");
    }
    if (hiddenSize < 1 || maxPositions < 1) {
      throw new IllegalArgumentException(
          "hiddenSize, maxPositions: "
              + hiddenSize
              + ", "
              + maxPositions
              + " (expected: >= 1 each)");
    }
    this.digest = BackboneDigest.of(whole, this.boundaries, this.context, this.tokenizerJson);
    this.ranges = ActivationRanges.none();
    this.firstTokenPoint = lastMixing();
  }

  private Backbone(Backbone same, ActivationRanges ranges) {
    this.name = same.name;
    this.whole = same.whole;
    this.boundaries = same.boundaries;
    this.context = same.context;
    this.hiddenSize = same.hiddenSize;
    this.maxPositions = same.maxPositions;
    this.notes = same.notes;
    this.tokenizerJson = same.tokenizerJson;
    this.digest = same.digest;
    this.ranges = requireNonNull(ranges, "ranges");
    this.firstTokenPoint = same.firstTokenPoint;
  }

  /** The same backbone, its digest too, of whose activations this is known. */
  public Backbone withRanges(ActivationRanges known) {
    return new Backbone(this, known);
  }

  /** How large its activations get, for its form in 8 bits; not part of the digest. */
  public ActivationRanges ranges() {
    return ranges;
  }

  /** Names the frozen content; see {@link BackboneDigest} for what goes into it. */
  public Digest digest() {
    return digest;
  }

  /** A name for people; not part of the digest. */
  public String name() {
    return name;
  }

  /** Size of the last axis of every boundary. */
  public int hiddenSize() {
    return hiddenSize;
  }

  /**
   * Number of insertion points, which is the number of blocks: 2 for each layer. They are numbered
   * from 1.
   */
  public int points() {
    return boundaries.size() - 1;
  }

  /** The tensors of the model that are boundaries 0 to {@link #points()}. */
  public List<String> boundaryNames() {
    return boundaries;
  }

  /** The longest sequence, in tokens. */
  public int maxPositions() {
    return maxPositions;
  }

  /** What the import left out or assumed, for people. */
  public List<String> notes() {
    return notes;
  }

  /**
   * Names of the model's inputs: {@code input_ids}, {@code attention_mask} and perhaps {@code
   * token_type_ids}.
   */
  public Set<String> inputNames() {
    Set<String> names = new LinkedHashSet<>();
    whole.inputs().forEach(input -> names.add(input.name()));
    return names;
  }

  /** What the prologue gives beside boundary 0; each block takes those of them that it needs. */
  public List<ContextTensor> context() {
    return context;
  }

  /**
   * From {@link #inputNames()}, int64 (batch, seq), to {@link #PROLOGUE_OUTPUT} and all context
   * tensors.
   */
  public Graph prologue() {
    List<Value> outputs = new ArrayList<>();
    outputs.add(hidden(boundaries.get(0)));
    context.forEach(tensor -> outputs.add(tensor.value()));
    return GraphNames.rename(
        whole.extract("prologue", whole.inputs(), outputs),
        Map.of(boundaries.get(0), PROLOGUE_OUTPUT));
  }

  /**
   * Block {@code k}: from {@link #BLOCK_INPUT} and those context tensors it needs to {@link
   * #BLOCK_OUTPUT}.
   *
   * @param k from 1 to {@link #points()}
   */
  public Graph block(int k) {
    return span(k, k);
  }

  /** Blocks {@code from} to {@code to} as one graph, with the inputs and the output of a block. */
  public Graph span(int from, int to) {
    if (from < 1 || to < from || to > points()) {
      throw new IllegalArgumentException(
          "blocks: " + from + " to " + to + " (expected: within 1 to " + points() + ")");
    }
    String name = from == to ? "block" + from : "blocks" + from + "to" + to;
    return part(name, boundaries.get(from - 1), boundaries.get(to), BLOCK_OUTPUT);
  }

  /**
   * The block from which on one who reads the first token only needs no other: it can be computed
   * in {@link FirstTokenForm}, and those behind it and the epilogue on that token alone. One above
   * the highest point if there is none.
   */
  public int firstTokenPoint() {
    return firstTokenPoint;
  }

  /**
   * From {@link #BLOCK_INPUT} to {@link #EPILOGUE_OUTPUT}, or null where the last boundary is the
   * output.
   */
  public @Nullable Graph epilogue() {
    String last = boundaries.get(points());
    return last.equals(MODEL_OUTPUT) ? null : part("epilogue", last, MODEL_OUTPUT, EPILOGUE_OUTPUT);
  }

  /** The uncut model: from {@link #inputNames()} to {@link #MODEL_OUTPUT}. */
  public Graph whole() {
    return whole;
  }

  /** Number of weights, each counted once however often it is used. */
  public long parameters() {
    return floats(whole.initializers());
  }

  /**
   * Number of weights of blocks and epilogue: all but embedding tables and what else only the
   * prologue uses.
   */
  public long bodyParameters() {
    Map<String, TensorData> weights = new LinkedHashMap<>(span(1, points()).initializers());
    Graph epilogue = epilogue();
    if (epilogue != null) {
      weights.putAll(epilogue.initializers());
    }
    return floats(weights);
  }

  /** The content of {@code tokenizer.json}; a copy. */
  public byte[] tokenizerJson() {
    return tokenizerJson.clone();
  }

  @Override
  public String toString() {
    return name
        + " "
        + digest.shortForm()
        + " ("
        + points()
        + " points, hidden size "
        + hiddenSize
        + ")";
  }

  private Graph part(String name, String from, String to, String outputName) {
    List<Value> inputs = new ArrayList<>();
    inputs.add(hidden(from));
    context.forEach(tensor -> inputs.add(tensor.value()));
    Graph part = whole.extract(name, inputs, List.of(hidden(to)));
    Set<String> read = new HashSet<>(part.consumers().keySet());
    read.add(from);
    List<Value> used = part.inputs().stream().filter(input -> read.contains(input.name())).toList();
    Graph lean =
        new Graph(name, part.opsets(), used, part.outputs(), part.nodes(), part.initializers());
    return GraphNames.rename(lean, Map.of(from, BLOCK_INPUT, to, outputName));
  }

  /** The highest block that mixes tokens. */
  private int lastMixing() {
    Graph epilogue = epilogue();
    if (epilogue == null || isTokenWise(epilogue)) {
      for (int k = points(); k >= 1; k--) {
        if (!isTokenWise(block(k))) {
          return k;
        }
      }
    }
    return points() + 1;
  }

  private static boolean isTokenWise(Graph part) {
    return FirstTokenForm.isTokenWise(part, Set.of(BLOCK_INPUT));
  }

  private Value hidden(String tensor) {
    return Value.of(
        tensor, DataType.FLOAT, new Dim.Symbol("batch"), new Dim.Symbol("seq"), hiddenSize);
  }

  private static long floats(Map<String, TensorData> weights) {
    return weights.values().stream()
        .filter(data -> data.type() == DataType.FLOAT && data.rank() > 0)
        .mapToLong(TensorData::elements)
        .sum();
  }
}
