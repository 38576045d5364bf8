package io.sluice.backbone.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Each row in a run of its own, with its own weights, is what all of them in one run must give. */
class StackedFormTest {
  private static final int ROWS = 5;
  private static final int SEQ = 3;
  private static final int HIDDEN = 8;
  private static final int SETS = 4;
  private static final long SEED = 11;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final GraphBuilder b = new GraphBuilder("part", 18L);
  private final Set<String> weights = new TreeSet<>();
  private final String y = b.input(Value.of("y", DataType.FLOAT, "batch", "seq", (long) HIDDEN));

  @Test
  void of_bottleneck_givesEachRowItsOwn() {
    String down = b.node("Add", b.node("MatMul", y, weight("w", HIDDEN, 2)), weight("b", 2));
    String active = b.node("com.microsoft", "Gelu", List.of(down), 1, Map.of()).get(0);
    String up = b.node("MatMul", active, weight("v", 2, HIDDEN));
    requireSame(b.node("Add", y, b.node("Add", up, weight("c", HIDDEN))), "batch", "seq", 8L);
  }

  @Test
  void of_scaleAndShift_givesEachRowItsOwn() {
    String scale = b.node("Add", weight("s", HIDDEN), b.constant(1f));
    requireSame(
        b.node("Add", b.node("Mul", y, scale), weight("t", HIDDEN)), "batch", "seq", (long) HIDDEN);
  }

  @Test
  void of_headOnTheFirstToken_givesEachRowItsOwn() {
    String first =
        b.node(
            "Gather",
            List.of(y, b.constant(TensorData.scalar(0L))),
            Map.of("axis", Attribute.of(1L)));
    String product = b.node("MatMul", first, weight("w", HIDDEN, 3));
    requireSame(b.node("Add", product, weight("b", 3)), "batch", 3L);
  }

  @Test
  void of_headOnTheMean_givesEachRowItsOwn() {
    String axis = b.constant(1L);
    String mean = b.node("ReduceMean", List.of(y, axis), Map.of("keepdims", Attribute.of(0L)));
    String product = b.node("MatMul", mean, weight("w", HIDDEN, 2));
    requireSame(b.node("Mul", b.node("Add", product, weight("b", 2)), b.constant(2f)), "batch", 2L);
  }

  @Test
  void of_spans_givesEachRowItsOwn() {
    String logits = b.node("Add", b.node("MatMul", y, weight("w", HIDDEN, 2)), weight("b", 2));
    String turned = b.node("Transpose", List.of(logits), Map.of("perm", Attribute.ints(0, 2, 1)));
    requireSame(turned, "batch", 2L, "seq");
  }

  @Test
  void of_weightsInAnotherOperator_isNone() {
    String norm =
        b.node(
            "LayerNormalization",
            List.of(y, weight("scale", HIDDEN), weight("shift", HIDDEN)),
            Map.of("axis", Attribute.of(-1L)));
    assertThat(StackedForm.of(graph(norm, "batch", "seq", (long) HIDDEN), weights)).isEmpty();
  }

  @Test
  void of_weightsOnWhatHasLostItsRows_isNone() {
    String turned = b.node("Transpose", List.of(y), Map.of("perm", Attribute.ints(1, 0, 2)));
    String added = b.node("Add", turned, weight("t", HIDDEN));
    assertThat(StackedForm.of(graph(added, "seq", "batch", (long) HIDDEN), weights)).isEmpty();
  }

  private String weight(String name, long... shape) {
    weights.add(name);
    Object[] dims = new Object[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      dims[axis] = shape[axis];
    }
    return b.input(Value.of(name, DataType.FLOAT, dims));
  }

  private Graph graph(String output, Object... dims) {
    b.outputAs(output, Value.of("out", DataType.FLOAT, dims));
    return b.build();
  }

  private void requireSame(String output, Object... dims) {
    Graph graph = graph(output, dims);
    Graph stacked = StackedForm.of(graph, weights).orElseThrow();
    Random random = new Random(SEED);
    Map<String, TensorData> sets = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (weights.contains(input.name())) {
        sets.put(input.name(), gaussian(random, SETS, sizes(input)));
      }
    }
    TensorData rows = gaussian(random, ROWS, SEQ, HIDDEN);
    long[] slots = random.longs(ROWS, 0, SETS).toArray();
    Map<String, TensorData> all = new HashMap<>(sets);
    all.put("y", rows);
    all.put(StackedForm.SLOTS, TensorData.longs(slots, ROWS));
    float[] found = run(stacked, all);
    List<Float> expected = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      Map<String, TensorData> own = new HashMap<>();
      int slot = (int) slots[row];
      sets.forEach((name, set) -> own.put(name, part(set, slot)));
      TensorData alone = part(rows, row);
      own.put("y", TensorData.floats(alone.toFloats(), 1, SEQ, HIDDEN));
      for (float value : run(graph, own)) {
        expected.add(value);
      }
    }
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i])
          .as("seed %s, value %s", SEED, i)
          .isCloseTo(expected.get(i), within(1e-5f));
    }
  }

  private float[] run(Graph graph, Map<String, TensorData> data) {
    Map<String, HostTensor> inputs = new HashMap<>();
    data.forEach((name, value) -> inputs.put(name, HostTensor.of(runtime, value)));
    try (OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(inputs, List.of("out"))) {
      return results.get("out").toFloats();
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private static long[] sizes(Value value) {
    return value.shape().stream().mapToLong(dim -> ((Dim.Known) dim).size()).toArray();
  }

  private static TensorData gaussian(Random random, long first, long... others) {
    long[] shape = new long[others.length + 1];
    shape[0] = first;
    System.arraycopy(others, 0, shape, 1, others.length);
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(values, shape);
  }

  /** What is at {@code index} of the first axis. */
  private static TensorData part(TensorData data, int index) {
    long[] shape = Arrays.copyOfRange(data.shape(), 1, data.rank());
    float[] all = data.toFloats();
    int size = all.length / (int) data.shape()[0];
    return TensorData.floats(Arrays.copyOfRange(all, index * size, (index + 1) * size), shape);
  }
}
