package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.form.FirstTokenForm;
import io.sluice.backbone.form.StackedForm;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A subgraph without its weights: they have become inputs. Two subgraphs that differ in weights and
 * in names only have equal structures, and equal structures are compiled once. Immutable,
 * thread-safe.
 *
 * <p>What stays inside and counts as structure: scalars and everything that is not FLOAT (shapes,
 * axes, flags).
 */
final class Structure {
  /** A subgraph taken apart: the weights are in the order of {@link #weightNames()}. */
  record Parts(Structure structure, List<TensorData> weights) {
    Parts {
      requireNonNull(structure, "structure");
      weights = List.copyOf(weights);
    }
  }

  private final Digest key;
  private final byte[] model;
  private final List<String> weightNames;
  private final List<long[]> weightShapes;
  private final List<String> dataNames;
  private @Nullable Structure stacked;
  private boolean stackingTried;
  private @Nullable Boolean firstToken;

  private Structure(
      byte[] model, List<String> weightNames, List<long[]> weightShapes, List<String> dataNames) {
    this.key = Digest.of(model);
    this.model = model;
    this.weightNames = List.copyOf(weightNames);
    this.weightShapes = List.copyOf(weightShapes);
    this.dataNames = List.copyOf(dataNames);
  }

  /** Takes {@code graph} apart. */
  static Parts of(Graph graph) {
    return new Stripping(graph).parts();
  }

  /** The identity of the structure: SHA-256 of its weight-free model. */
  Digest key() {
    return key;
  }

  /** The weight-free ONNX model; read only. */
  byte[] model() {
    return model;
  }

  /** Inputs that take weights. */
  List<String> weightNames() {
    return weightNames;
  }

  /** Shapes of the weights of one task, in the order of their names; read only. */
  List<long[]> weightShapes() {
    return weightShapes;
  }

  /** Inputs that take activations, under the names of the adapter ABI. */
  List<String> dataNames() {
    return dataNames;
  }

  /**
   * The structure for rows that each have a set of weights of their own, see {@link StackedForm};
   * null where there is none.
   */
  synchronized @Nullable Structure stacked() {
    if (!stackingTried) {
      stackingTried = true;
      StackedForm.of(OnnxFormat.read(model), Set.copyOf(weightNames))
          .ifPresent(graph -> stacked = stacked(graph));
    }
    return stacked;
  }

  /**
   * Whether it can be run on the first token of each row alone: a head that reads no other, or an
   * adapter that computes each token by itself.
   */
  synchronized boolean suitsFirstToken() {
    if (firstToken == null) {
      Graph graph = OnnxFormat.read(model);
      firstToken =
          dataNames.contains(AdapterAbi.HIDDEN)
              ? FirstTokenForm.readsFirstToken(graph, AdapterAbi.HIDDEN)
              : FirstTokenForm.isTokenWise(
                  graph, Set.of(AdapterAbi.BLOCK_INPUT, AdapterAbi.BLOCK_OUTPUT));
    }
    return firstToken;
  }

  private Structure stacked(Graph graph) {
    List<String> data = new ArrayList<>(dataNames);
    data.add(StackedForm.SLOTS);
    return new Structure(OnnxFormat.write(graph), weightNames, weightShapes, data);
  }

  /** One pass over a graph that gives every tensor a name that says its place only. */
  private static final class Stripping {
    private final Graph graph;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, String> symbols = new HashMap<>();
    private final List<Value> inputs = new ArrayList<>();
    private final List<String> weightNames = new ArrayList<>();
    private final List<TensorData> weights = new ArrayList<>();
    private final Map<String, TensorData> constants = new TreeMap<>();

    Stripping(Graph graph) {
      this.graph = graph;
      names.put("", "");
    }

    Parts parts() {
      for (Value input : graph.inputs()) {
        names.put(input.name(), input.name());
        inputs.add(canonical(input));
      }
      List<String> dataNames = graph.inputs().stream().map(Value::name).toList();
      graph.outputs().forEach(output -> names.put(output.name(), output.name()));
      List<Node> nodes = graph.nodes().stream().map(this::canonical).toList();
      List<Value> outputs = graph.outputs().stream().map(this::canonical).toList();
      Graph bare = new Graph("structure", graph.opsets(), inputs, outputs, nodes, constants);
      List<long[]> shapes = weights.stream().map(TensorData::shape).toList();
      return new Parts(
          new Structure(OnnxFormat.write(bare), weightNames, shapes, dataNames), weights);
    }

    private Node canonical(Node node) {
      if (!node.bodies().isEmpty()) {
        throw new SluiceException(
            ErrorCode.FAILED_PRECONDITION,
            graph.name() + ": " + node.describe() + " (expected: no control flow in a subgraph)");
      }
      List<String> reads = node.inputs().stream().map(this::source).toList();
      List<String> writes =
          node.outputs().stream()
              .map(name -> names.computeIfAbsent(name, made -> "t" + names.size()))
              .toList();
      return new Node(node.domain(), node.op(), "", reads, writes, node.attributes());
    }

    private String source(String name) {
      String known = names.get(name);
      if (known != null) {
        return known;
      }
      TensorData data = requireNonNull(graph.initializers().get(name), name);
      String fresh;
      if (data.type() == DataType.FLOAT && data.rank() > 0) {
        fresh = "w" + weights.size();
        weightNames.add(fresh);
        weights.add(data);
        inputs.add(Value.of(fresh, DataType.FLOAT, dims(data)));
      } else {
        fresh = "c" + constants.size();
        constants.put(fresh, data);
      }
      names.put(name, fresh);
      return fresh;
    }

    private static Object[] dims(TensorData data) {
      long[] shape = data.shape();
      Object[] dims = new Object[shape.length];
      for (int axis = 0; axis < shape.length; axis++) {
        dims[axis] = shape[axis];
      }
      return dims;
    }

    private Value canonical(Value value) {
      return new Value(
          value.name(), value.type(), value.shape().stream().map(this::canonical).toList());
    }

    private Dim canonical(Dim dim) {
      if (dim instanceof Dim.Symbol symbol && !symbol.name().isEmpty()) {
        return new Dim.Symbol(symbols.computeIfAbsent(symbol.name(), name -> "s" + symbols.size()));
      }
      return dim;
    }
  }
}
