package io.sluice.backbone.importer;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SessionSettings.Optimization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * What three runs of a graph with every inner tensor as an output show: the shape of each tensor,
 * which of its axes follow the batch and the sequence, and the values of the tensors asked for.
 *
 * <p>The runs are (rows, tokens), the same with one row more and the rows in another order, and
 * (rows, moreTokens); rows are padded to different lengths with their mask.
 */
final class ShapeProbe {
  private static final int OUTPUTS_PER_RUN = 256;
  private static final long SEED = 20_261_123L;

  /** Row i of the first run is row {@code ROW_IN_SECOND[i]} of the second. */
  private static final int[] ROW_IN_SECOND = {2, 1};

  private final ProbeSizes sizes = ProbeSizes.STANDARD;
  private final Map<String, DataType> types;
  private final List<Map<String, long[]>> shapes = new ArrayList<>();
  private final List<Map<String, TensorData>> values = new ArrayList<>();

  private ShapeProbe(Map<String, DataType> types) {
    this.types = types;
  }

  /**
   * @param vocabularyRows word ids stay below this
   * @param valuesOf the tensors whose values are kept; graph inputs are kept always
   */
  static ShapeProbe run(
      Graph graph,
      Map<String, DataType> types,
      long vocabularyRows,
      Set<String> valuesOf,
      OnnxRuntime runtime) {
    ShapeProbe probe = new ShapeProbe(types);
    List<String> tensors = new ArrayList<>();
    graph.nodes().forEach(node -> tensors.addAll(node.writes()));
    List<Value> outputs =
        tensors.stream()
            .map(name -> new Value(name, probe.type(name), List.of(new Dim.Rest())))
            .toList();
    Graph open =
        new Graph(
            graph.name(),
            graph.opsets(),
            graph.inputs(),
            outputs,
            graph.nodes(),
            graph.initializers());
    try (OnnxSession session =
        runtime.open(open, new SessionSettings(Optimization.NONE, false, null))) {
      for (Map<String, TensorData> inputs : probe.inputs(graph, vocabularyRows)) {
        probe.run(session, inputs, tensors, valuesOf, runtime);
      }
    }
    return probe;
  }

  ProbeSizes sizes() {
    return sizes;
  }

  DataType type(String tensor) {
    DataType type = types.get(tensor);
    if (type == null) {
      throw new IllegalArgumentException(
          "tensor " + tensor + ": unknown (expected: a tensor of the graph)");
    }
    return type;
  }

  /** The shape in the first run. */
  long[] shape(String tensor) {
    return shapeIn(0, tensor);
  }

  /** Elements in the run with the most tokens. */
  long elements(String tensor) {
    return Arrays.stream(shapeIn(2, tensor)).reduce(1, Math::multiplyExact);
  }

  /** A rule for each axis; null where the rank varies or an axis follows no rule. */
  @Nullable List<DimRule> dims(String tensor) {
    long[] base = shapeIn(0, tensor);
    long[] moreRows = shapeIn(1, tensor);
    long[] moreTokens = shapeIn(2, tensor);
    if (moreRows.length != base.length || moreTokens.length != base.length) {
      return null;
    }
    List<DimRule> rules = new ArrayList<>();
    for (int axis = 0; axis < base.length; axis++) {
      DimRule rule = DimRule.fit(sizes, base[axis], moreRows[axis], moreTokens[axis]);
      if (rule == null) {
        return null;
      }
      rules.add(rule);
    }
    return rules;
  }

  /** Whether the tensor is (batch, seq, hidden). */
  boolean isHidden(String tensor, long hiddenSize) {
    List<DimRule> dims = dims(tensor);
    return dims != null
        && dims.size() == 3
        && dims.get(0).isBatch()
        && dims.get(1).isSeq()
        && dims.get(2).isFixed()
        && dims.get(2).offset() == hiddenSize;
  }

  /** The tensor's declaration, with the axes named that are the batch and the sequence. */
  Value value(String tensor) {
    List<DimRule> dims = dims(tensor);
    if (dims == null) {
      throw new IllegalArgumentException(
          "tensor " + tensor + ": shape follows no rule (expected: dims)");
    }
    List<Dim> shape = new ArrayList<>();
    for (DimRule dim : dims) {
      if (dim.isFixed()) {
        shape.add(new Dim.Known(dim.offset()));
      } else {
        shape.add(new Dim.Symbol(dim.isBatch() ? "batch" : dim.isSeq() ? "seq" : ""));
      }
    }
    return new Value(tensor, type(tensor), shape);
  }

  /** Whether shape and values are the same whatever the rows are. */
  boolean isSameForEveryBatch(String tensor) {
    TensorData first = valueIn(0, tensor);
    TensorData second = valueIn(1, tensor);
    return first != null && second != null && first.equals(second);
  }

  /** Whether two tensors have the same values in every run, whatever their shapes are. */
  boolean areAlwaysEqual(String left, String right) {
    for (int run = 0; run < values.size(); run++) {
      TensorData one = valueIn(run, left);
      TensorData other = valueIn(run, right);
      if (one == null || other == null || !one.bytes().equals(other.bytes())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether axis 0 is the batch, no other axis follows it, and each row has the same values
   * wherever it stands.
   */
  boolean isPerRow(String tensor) {
    List<DimRule> dims = dims(tensor);
    TensorData first = valueIn(0, tensor);
    TensorData second = valueIn(1, tensor);
    if (dims == null
        || dims.isEmpty()
        || !dims.get(0).isBatch()
        || first == null
        || second == null) {
      return false;
    }
    if (dims.stream().skip(1).anyMatch(DimRule::perRow)) {
      return false;
    }
    int rowBytes = Math.toIntExact(first.sizeBytes() / sizes.rows());
    for (int row = 0; row < sizes.rows(); row++) {
      if (!first
          .bytes()
          .slice(row * rowBytes, rowBytes)
          .equals(second.bytes().slice(ROW_IN_SECOND[row] * rowBytes, rowBytes))) {
        return false;
      }
    }
    return true;
  }

  /** The values in the first run, or null where they were not asked for. */
  @Nullable TensorData value0(String tensor) {
    return valueIn(0, tensor);
  }

  /** The values in the run with more tokens, or null where they were not asked for. */
  @Nullable TensorData valueMoreTokens(String tensor) {
    return valueIn(2, tensor);
  }

  private @Nullable TensorData valueIn(int run, String tensor) {
    return values.get(run).get(tensor);
  }

  private long[] shapeIn(int run, String tensor) {
    long[] shape = shapes.get(run).get(tensor);
    if (shape == null) {
      throw new IllegalArgumentException(
          "tensor " + tensor + ": not probed (expected: a tensor of the graph)");
    }
    return shape;
  }

  private void run(
      OnnxSession session,
      Map<String, TensorData> inputs,
      List<String> tensors,
      Set<String> valuesOf,
      OnnxRuntime runtime) {
    Map<String, long[]> runShapes = new HashMap<>();
    Map<String, TensorData> runValues = new HashMap<>(inputs);
    inputs.forEach((name, data) -> runShapes.put(name, data.shape()));
    Map<String, HostTensor> fed = new HashMap<>();
    try {
      inputs.forEach((name, data) -> fed.put(name, HostTensor.of(runtime, data)));
      for (int start = 0; start < tensors.size(); start += OUTPUTS_PER_RUN) {
        List<String> wanted =
            tensors.subList(start, Math.min(tensors.size(), start + OUTPUTS_PER_RUN));
        try (var results = session.run(fed, wanted)) {
          for (String tensor : wanted) {
            runShapes.put(tensor, results.shape(tensor));
            if (valuesOf.contains(tensor)) {
              runValues.put(tensor, results.get(tensor));
            }
          }
        }
      }
    } finally {
      fed.values().forEach(HostTensor::close);
    }
    shapes.add(runShapes);
    values.add(runValues);
  }

  private List<Map<String, TensorData>> inputs(Graph graph, long vocabularyRows) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    long[][] rows = new long[sizes.moreRows()][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = row(random, sizes.tokens(), sizes.tokens() - 2 * row, vocabularyRows);
    }
    long[][] longer = new long[sizes.rows()][];
    for (int row = 0; row < longer.length; row++) {
      longer[row] = row(random, sizes.moreTokens(), sizes.moreTokens() - 3 * row, vocabularyRows);
    }
    long lastTypeId = Math.min(1, HiddenFlow.rowsLookedUpBy(graph, InputRole.TOKEN_TYPE_IDS) - 1);
    return List.of(
        feed(graph, new long[][] {rows[0], rows[1]}, sizes.tokens(), lastTypeId),
        feed(graph, new long[][] {rows[2], rows[1], rows[0]}, sizes.tokens(), lastTypeId),
        feed(graph, longer, sizes.moreTokens(), lastTypeId));
  }

  private static long[] row(RandomGenerator random, int tokens, int length, long vocabularyRows) {
    long lowest = Math.min(5, vocabularyRows - 1);
    long[] ids = new long[tokens];
    for (int i = 0; i < length; i++) {
      ids[i] = random.nextLong(lowest, vocabularyRows);
    }
    return ids;
  }

  private static Map<String, TensorData> feed(
      Graph graph, long[][] rows, int tokens, long lastTypeId) {
    int elements = rows.length * tokens;
    long[] ids = new long[elements];
    long[] mask = new long[elements];
    long[] typeIds = new long[elements];
    for (int i = 0; i < elements; i++) {
      ids[i] = rows[i / tokens][i % tokens];
      mask[i] = ids[i] == 0 ? 0 : 1;
      typeIds[i] = mask[i] == 1 && i % tokens > 2 ? lastTypeId : 0;
    }
    Map<String, TensorData> feed = new HashMap<>();
    for (Value input : graph.inputs()) {
      InputRole role = InputRole.of(input.name());
      long[] values =
          role == InputRole.INPUT_IDS ? ids : role == InputRole.ATTENTION_MASK ? mask : typeIds;
      feed.put(input.name(), TensorData.longs(values, rows.length, tokens));
    }
    return feed;
  }
}
