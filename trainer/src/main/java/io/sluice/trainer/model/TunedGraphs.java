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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a backbone whose own weights are learned, and a head: forward, and forward with
 * backward. They take and give what those of {@link AdaptedGraphs} do without candidates, but the
 * flat weights begin with the backbone's. Immutable.
 */
public final class TunedGraphs {
  private final OnnxRuntime runtime;
  private final Backbone backbone;
  private final TaskHead head;
  private final BackboneWeights weights;
  private final ParameterLayout layout;

  public TunedGraphs(OnnxRuntime runtime, Backbone backbone, TaskHead head) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.backbone = requireNonNull(backbone, "backbone");
    this.head = requireNonNull(head, "head");
    this.weights = new BackboneWeights(backbone);
    this.layout = ParameterLayout.ofBackbone(weights.specs(), head, backbone.hiddenSize());
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

  /** Tokens and {@code parameters} in, the head's outputs out. */
  public Graph forward() {
    GraphBuilder graph = new GraphBuilder("forward", backbone.whole().opsets());
    BackboneNodes nodes = new BackboneNodes(graph, backbone, 0);
    WeightNodes learned = new WeightNodes(graph, layout, 0);
    head.outputs(graph, scores(graph, nodes, learned, null));
    return graph.build();
  }

  /**
   * Tokens, {@code targets}, {@code keep} and {@code parameters} in; {@code loss} and {@code
   * gradients} out.
   */
  public Graph training() {
    GraphBuilder graph = new GraphBuilder("training", backbone.whole().opsets());
    BackboneNodes nodes = new BackboneNodes(graph, backbone, 0);
    WeightNodes learned = new WeightNodes(graph, layout, 0);
    String targets = graph.input(head.targets());
    String keep = graph.input(Tensors.KEEP, DataType.FLOAT, "batch", backbone.hiddenSize());
    String loss = head.loss().emit(graph, scores(graph, nodes, learned, keep), targets);
    learned.differentiate(loss, runtime);
    graph.outputAs(loss, Value.of(Tensors.LOSS, DataType.FLOAT));
    return LayerNormLowering.apply(graph.build());
  }

  private String scores(
      GraphBuilder graph, BackboneNodes nodes, WeightNodes learned, @Nullable String keep) {
    Map<String, String> tensors = learned.of(ParameterLayout.BACKBONE);
    String hidden = nodes.emitWhole(weights.lifted(), tensors);
    return head.scores(graph, hidden, nodes.mask(), keep, learned.of(ParameterLayout.HEAD));
  }
}
