package io.sluice.loadtest.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tasks of one structure in any number, made in about a millisecond each: the inner units of every
 * adapter are shuffled, so that all weights differ and the function does not, and the head's bias
 * is moved, so that answers differ by as much as is known. So their probes need no run of the
 * encoder. Immutable, thread-safe.
 */
public final class TaskFamily {
  private final AdapterBundle original;

  private TaskFamily(AdapterBundle original) {
    this.original = requireNonNull(original, "original");
  }

  /** Bottlenecks of rank 16 at all points of the upper half. */
  public static TaskFamily upperHalf(BackboneSessions sessions, OnnxRuntime runtime, long seed) {
    return new TaskFamily(RandomBundle.upperHalf(sessions, runtime, seed));
  }

  /**
   * Bottlenecks at the highest points.
   *
   * @param count how many points
   * @param rank inner width
   */
  public static TaskFamily atTop(
      BackboneSessions sessions, OnnxRuntime runtime, int count, int rank, long seed) {
    Backbone backbone = sessions.backbone();
    if (count < 1 || count > backbone.points() || rank < 1) {
      throw new IllegalArgumentException(
          "count, rank: "
              + count
              + ", "
              + rank
              + " (expected: 1 to "
              + backbone.points()
              + " points, rank >= 1)");
    }
    List<Integer> points = new ArrayList<>();
    for (int point = backbone.points() - count + 1; point <= backbone.points(); point++) {
      points.add(point);
    }
    return new TaskFamily(RandomBundle.of(sessions, runtime, points, rank, seed));
  }

  /** The first of the family; not a member by number. */
  public AdapterBundle original() {
    return original;
  }

  /** What a member is, for people. */
  public String words() {
    return original.manifest().cost().parameters()
        + " parameters of adapters, at points "
        + original.points().keySet();
  }

  /** Bytes of the weights of each, adapters and head. */
  public long weightBytes() {
    long floats = floats(original.head());
    for (Graph graph : original.points().values()) {
      floats += floats(graph);
    }
    return floats * Float.BYTES;
  }

  /** The member of that number; the same number always gives the same bundle. */
  public AdapterBundle member(long number) {
    Random random = new Random(number);
    SortedMap<Integer, Graph> points = new TreeMap<>();
    original.points().forEach((point, graph) -> points.put(point, shuffled(graph, random)));
    float[] shift = new float[original.manifest().labels().size()];
    for (int label = 0; label < shift.length; label++) {
      shift[label] = (float) random.nextGaussian();
    }
    return BundleWriter.write(
        manifest(number), points, shifted(original.head(), shift), probe(shift), Map.of());
  }

  private static Graph shuffled(Graph adapter, Random random) {
    TensorData bias = requireNonNull(adapter.initializers().get(RandomBundle.INNER_BIAS));
    int rank = Math.toIntExact(bias.elements());
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    Map<String, TensorData> weights = new TreeMap<>(adapter.initializers());
    weights.put(RandomBundle.INNER_BIAS, columns(bias, 1, order));
    weights.computeIfPresent(
        RandomBundle.DOWN, (name, down) -> columns(down, (int) down.shape()[0], order));
    weights.computeIfPresent(RandomBundle.UP, (name, up) -> rows(up, order));
    return with(adapter, weights);
  }

  private static Graph shifted(Graph head, float[] shift) {
    Map<String, TensorData> weights = new TreeMap<>(head.initializers());
    weights.computeIfPresent(
        RandomBundle.HEAD_BIAS,
        (name, bias) -> {
          float[] values = bias.toFloats();
          for (int i = 0; i < values.length; i++) {
            values[i] += shift[i];
          }
          return TensorData.floats(values, bias.shape());
        });
    return with(head, weights);
  }

  private Probe probe(float[] shift) {
    List<float[]> logits = new ArrayList<>();
    for (float[] row : original.probe().logits()) {
      float[] moved = row.clone();
      for (int label = 0; label < moved.length; label++) {
        moved[label] += shift[label];
      }
      logits.add(moved);
    }
    return new Probe(original.probe().ids(), original.probe().typeIds(), logits);
  }

  private Manifest manifest(long number) {
    Provenance from = original.manifest().provenance();
    return original
        .manifest()
        .unmeasured(
            new Provenance(
                from.data(),
                number,
                from.hyperParameters(),
                from.versions(),
                from.jvm(),
                from.os()));
  }

  private static TensorData columns(TensorData data, int rows, int[] order) {
    float[] from = data.toFloats();
    float[] to = new float[from.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < order.length; column++) {
        to[row * order.length + column] = from[row * order.length + order[column]];
      }
    }
    return TensorData.floats(to, data.shape());
  }

  private static TensorData rows(TensorData data, int[] order) {
    float[] from = data.toFloats();
    float[] to = new float[from.length];
    int width = from.length / order.length;
    for (int row = 0; row < order.length; row++) {
      System.arraycopy(from, order[row] * width, to, row * width, width);
    }
    return TensorData.floats(to, data.shape());
  }

  private static Graph with(Graph graph, Map<String, TensorData> weights) {
    return new Graph(
        graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), graph.nodes(), weights);
  }

  private static long floats(Graph graph) {
    return graph.initializers().values().stream()
        .filter(data -> data.type() == DataType.FLOAT)
        .mapToLong(TensorData::elements)
        .sum();
  }
}
