package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SessionSettings.Optimization;
import io.sluice.trainer.autodiff.vjp.Extent;
import io.sluice.trainer.autodiff.vjp.TensorFact;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Type, rank and extents of every tensor of a graph, found by running it at two sizes. Immutable.
 *
 * <p>Each symbolic dimension of the inputs gets a prime of its own at each size, so that two axes
 * have the same extent only if they are the same length at every size. Inputs are fed zeros unless
 * told otherwise: shapes must not depend on values.
 */
public final class TensorFacts {

  private static final long[] PRIMES = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};

  private static final long OPSET = 17;
  private static final long SMALL = 64;

  private final Map<String, TensorFact> facts;

  private TensorFacts(Map<String, TensorFact> facts) {
    this.facts = Map.copyOf(facts);
  }

  /** Runs the graph twice on zeros. */
  public static TensorFacts probe(Graph graph, OnnxRuntime runtime) {
    requireNonNull(graph, "graph");
    requireNonNull(runtime, "runtime");
    Map<String, DataType> types = ElementTypes.of(graph);
    Map<String, String> shapeNames = new LinkedHashMap<>();
    Graph probe = withShapes(graph, shapeNames);
    Map<String, TensorFact> facts = new HashMap<>();
    graph
        .initializers()
        .forEach((name, data) -> facts.put(name, TensorFact.known(data.type(), data.shape())));
    SessionSettings plain = new SessionSettings(Optimization.NONE, false, null).on(Device.CPU);
    try (OnnxSession session = runtime.open(probe, plain)) {
      Map<String, long[]> small = run(graph, shapeNames, session, runtime, 0);
      Map<String, long[]> large = run(graph, shapeNames, session, runtime, 1);
      shapeNames
          .keySet()
          .forEach(
              tensor ->
                  facts.put(
                      tensor,
                      fact(tensor, type(types, tensor), small.get(tensor), large.get(tensor))));
    }
    return new TensorFacts(facts);
  }

  /** Whether it is a tensor of the graph probed. */
  public boolean knows(String tensor) {
    return facts.containsKey(tensor);
  }

  /** What is known of a tensor. */
  public TensorFact of(String tensor) {
    TensorFact fact = facts.get(tensor);
    if (fact == null) {
      throw new IllegalArgumentException(
          "tensor: " + tensor + " (expected: one of the graph probed)");
    }
    return fact;
  }

  /** A declaration of that name for a tensor of the type, rank and known extents of another. */
  Value value(String name, String like) {
    TensorFact fact = of(like);
    List<Dim> dims = new ArrayList<>(fact.rank());
    for (Extent extent : fact.dims()) {
      dims.add(extent.isKnown() ? new Dim.Known(extent.size()) : new Dim.Symbol(""));
    }
    return new Value(name, fact.type(), dims);
  }

  private static DataType type(Map<String, DataType> types, String tensor) {
    return requireNonNull(types.get(tensor), tensor);
  }

  private static TensorFact fact(
      String tensor, DataType type, long @Nullable [] small, long @Nullable [] large) {
    if (small == null || large == null || small.length != large.length) {
      throw new IllegalArgumentException(
          "tensor " + tensor + ": rank depends on the size of the batch (expected: a static rank)");
    }
    List<Extent> dims = new ArrayList<>(small.length);
    for (int i = 0; i < small.length; i++) {
      dims.add(new Extent(small[i], large[i]));
    }
    return new TensorFact(type, dims);
  }

  /** The graph with the shape of each tensor as its outputs. */
  private static Graph withShapes(Graph graph, Map<String, String> shapeNames) {
    Map<String, Long> opsets = new HashMap<>(Map.of("", OPSET));
    opsets.putAll(graph.opsets());
    GraphBuilder builder = new GraphBuilder(graph.name(), opsets);
    graph.inputs().forEach(builder::input);
    graph.initializers().forEach((name, data) -> weight(builder, name, data));
    // All of the graph's own names first, then those made up here.
    graph.nodes().forEach(builder::add);
    graph.inputs().forEach(input -> shape(builder, input.name(), shapeNames));
    for (Node node : graph.nodes()) {
      node.writes().forEach(tensor -> shape(builder, tensor, shapeNames));
    }
    return builder.build();
  }

  /** Weights are written as zeros by their shape: their values cost time and change no shape. */
  private static void weight(GraphBuilder builder, String name, TensorData data) {
    if (data.type() != DataType.FLOAT || data.elements() <= SMALL) {
      builder.initializer(name, data);
      return;
    }
    TensorData dims = TensorData.longs(data.shape(), data.rank());
    String shape = builder.initializer("shape of " + name, dims);
    builder.add(Node.of("ConstantOfShape", List.of(shape), List.of(name), Map.of()));
  }

  private static void shape(GraphBuilder builder, String tensor, Map<String, String> shapeNames) {
    String shape = builder.node("Shape", tensor);
    builder.output(shape, DataType.INT64, "");
    shapeNames.put(tensor, shape);
  }

  private static Map<String, long[]> run(
      Graph graph,
      Map<String, String> shapeNames,
      OnnxSession session,
      OnnxRuntime runtime,
      int shift) {
    Map<String, Long> symbols = new HashMap<>();
    Map<String, HostTensor> inputs = new HashMap<>();
    try {
      for (Value input : graph.inputs()) {
        inputs.put(input.name(), HostTensor.of(runtime, zeros(input, symbols, shift)));
      }
      try (Results results = session.run(inputs, shapeNames.values())) {
        Map<String, long[]> shapes = new HashMap<>();
        shapeNames.forEach((tensor, shape) -> shapes.put(tensor, results.get(shape).toLongs()));
        return shapes;
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private static TensorData zeros(Value input, Map<String, Long> symbols, int shift) {
    if (!input.ranked()) {
      throw new IllegalArgumentException(
          "input " + input.name() + ": rank unknown (expected: a declared shape)");
    }
    long[] shape = new long[input.shape().size()];
    long elements = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      Dim dim = input.shape().get(axis);
      if (dim instanceof Dim.Known known) {
        shape[axis] = known.size();
      } else {
        // Nameless symbols are taken to be the same length where they are the same axis.
        String name = dim instanceof Dim.Symbol symbol ? symbol.name() : "";
        String key = name.isEmpty() ? "?" + axis : name;
        shape[axis] =
            symbols.computeIfAbsent(
                key, absent -> PRIMES[(symbols.size() + shift) % PRIMES.length]);
      }
      elements *= shape[axis];
    }
    int bytes = Math.toIntExact(elements * input.type().sizeBytes());
    return TensorData.bytes(input.type(), ByteBuffer.allocate(bytes), shape);
  }
}
