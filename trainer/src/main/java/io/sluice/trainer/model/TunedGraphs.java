package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.autodiff.LayerNormLowering;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a backbone whose own weights are learned, and a head: forward, and forward with
 * backward. They take and give what those of {@link AdaptedGraphs} do without candidates, but the
 * flat weights begin with the backbone's. Immutable.
 *
 * <p>The table that tokens are looked up in, most of which has no part in a batch, is not sent: the
 * graphs take what {@link WordRows} has looked up, and give the gradient of that.
 */
public final class TunedGraphs {
  private final OnnxRuntime runtime;
  private final Backbone backbone;
  private final TaskHead head;
  private final BackboneWeights weights;
  private final ParameterLayout layout;

  /** The layout without the word table. */
  private final ParameterLayout sent;

  private final WordTable words;

  public TunedGraphs(OnnxRuntime runtime, Backbone backbone, TaskHead head) {
    this(runtime, backbone, head, true);
  }

  /**
   * Graphs that are sent what a batch reads of the word table, or all of it.
   *
   * @param byRows whether by rows, where the backbone reads it such that it can be
   */
  TunedGraphs(OnnxRuntime runtime, Backbone backbone, TaskHead head, boolean byRows) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.backbone = requireNonNull(backbone, "backbone");
    this.head = requireNonNull(head, "head");
    this.weights = new BackboneWeights(backbone);
    this.layout = ParameterLayout.ofBackbone(weights.specs(), head, backbone.hiddenSize());
    String table = byRows ? weights.wordTable() : null;
    this.words = wordTable(layout, table);
    this.sent =
        ParameterLayout.ofBackbone(
            weights.specs().stream().filter(spec -> !spec.name().equals(table)).toList(),
            head,
            backbone.hiddenSize());
  }

  private static WordTable wordTable(ParameterLayout layout, @Nullable String table) {
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.owner() == ParameterLayout.BACKBONE && slot.spec().name().equals(table)) {
        return new WordTable(slot.offset(), slot.spec().shape().get(0), slot.spec().shape().get(1));
      }
    }
    return WordTable.NONE;
  }

  /** What of the flat weights goes by rows. */
  WordTable wordTable() {
    return words;
  }

  /** What feeds a session of these graphs with them; null if nothing goes by rows. */
  @Nullable WordRows wordRows() {
    return byRows() ? new WordRows(runtime, words) : null;
  }

  private boolean byRows() {
    return words.size() > 0;
  }

  /** The backbone's weights in the order of their names, then the head's. */
  public ParameterLayout layout() {
    return layout;
  }

  /**
   * The backbone's weights as they are, and a head's.
   *
   * @param headMap the head's weights and bias
   */
  public float[] start(float[] headMap) {
    float[] start = new float[layout.size()];
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.owner() == ParameterLayout.BACKBONE) {
        float[] values = weights.values(slot.spec().name());
        System.arraycopy(values, 0, start, slot.offset(), values.length);
      }
    }
    System.arraycopy(headMap, 0, start, layout.size() - headMap.length, headMap.length);
    return start;
  }

  /**
   * For each number a factor of its learning rate: 1 for the head and the topmost layer, less with
   * each layer below, least for embeddings (Howard and Ruder 2018).
   *
   * @param decay from each layer to the one below
   */
  public float[] rateScales(double decay) {
    float[] scales = new float[layout.size()];
    Arrays.fill(scales, 1);
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.owner() == ParameterLayout.BACKBONE) {
        float scale = (float) StrictMath.pow(decay, weights.depth(slot.spec().name()));
        Arrays.fill(scales, slot.offset(), slot.offset() + slot.spec().size(), scale);
      }
    }
    return scales;
  }

  /** Tokens, {@code parameters} and {@code words} in, the head's outputs out. */
  public Graph forward() {
    GraphBuilder graph = new GraphBuilder("forward", backbone.whole().opsets());
    BackboneNodes nodes = new BackboneNodes(graph, backbone, 0);
    WeightNodes learned = new WeightNodes(graph, sent, 0);
    head.outputs(graph, scores(graph, nodes, learned, null));
    return graph.build();
  }

  /**
   * Tokens, {@code targets}, {@code keep}, {@code parameters} and {@code words} in; {@code loss},
   * {@code gradients} and {@code word_gradients} out.
   */
  public Graph training() {
    GraphBuilder graph = new GraphBuilder("training", backbone.whole().opsets());
    BackboneNodes nodes = new BackboneNodes(graph, backbone, 0);
    WeightNodes learned = new WeightNodes(graph, sent, 0);
    String targets = graph.input(head.targets());
    String keep = graph.input(Tensors.KEEP, DataType.FLOAT, "batch", backbone.hiddenSize());
    String loss = head.loss().emit(graph, scores(graph, nodes, learned, keep), targets);
    List<String> looked = byRows() ? List.of(Tensors.WORDS) : List.of();
    for (String gradient : learned.differentiate(loss, runtime, looked)) {
      graph.outputAs(
          gradient,
          Value.of(Tensors.WORD_GRADIENTS, DataType.FLOAT, "batch", "seq", words.width()));
    }
    graph.outputAs(loss, Value.of(Tensors.LOSS, DataType.FLOAT));
    return LayerNormLowering.apply(graph.build());
  }

  private String scores(
      GraphBuilder graph, BackboneNodes nodes, WeightNodes learned, @Nullable String keep) {
    Map<String, String> tensors = new HashMap<>(learned.of(ParameterLayout.BACKBONE));
    if (byRows()) {
      tensors.put(
          weights.words(),
          graph.input(Tensors.WORDS, DataType.FLOAT, "batch", "seq", words.width()));
    }
    String hidden = nodes.emitWhole(weights.lifted(byRows()), tensors);
    return head.scores(graph, hidden, nodes.mask(), keep, learned.of(ParameterLayout.HEAD));
  }
}
