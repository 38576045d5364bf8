package io.sluice.trainer.profile;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.ParameterSpec;
import io.sluice.trainer.model.PointAdapters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Measures what blocks and adapters take, the way they are served: each is a session of its own,
 * inputs and outputs lie in the caller's memory. Medians, so a busy moment does little. Confined to
 * one thread.
 */
public final class CostProfiler {
  private static final long OPSET = 18;
  private static final int WARM_UPS = 5;
  private static final int MOST_RUNS = 200;
  private static final int LEAST_RUNS = 15;
  private static final long NANOS_PER_FIGURE = 30_000_000;
  private static final double NANOS_PER_MICRO = 1000;

  private final OnnxRuntime runtime;
  private final BackboneSessions sessions;
  private final Backbone backbone;
  private final Consumer<String> heard;
  private final Random random = new Random(1);

  /**
   * @param runtime whose device is that of {@code sessions}
   * @param sessions whose blocks are measured; stay the caller's
   * @param heard is told what is measured next
   */
  public CostProfiler(OnnxRuntime runtime, BackboneSessions sessions, Consumer<String> heard) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.sessions = requireNonNull(sessions, "sessions");
    this.backbone = sessions.backbone();
    this.heard = requireNonNull(heard, "heard");
  }

  /**
   * Measures.
   *
   * @param kinds adapters to measure
   * @param tokens lengths of the row, ascending
   */
  public CostTable measure(List<AdapterKind> kinds, List<Integer> tokens) {
    List<List<Double>> blocks = blocks(tokens);
    List<Double> call = adapter(idle(), tokens);
    List<CostTable.Adapter> adapters = new ArrayList<>();
    for (AdapterKind kind : kinds) {
      heard.accept(kind.code() + (kind.rank() > 0 ? " " + kind.rank() : ""));
      adapters.add(new CostTable.Adapter(kind.code(), kind.rank(), adapter(graph(kind), tokens)));
    }
    return new CostTable(
        CostTable.VERSION,
        backbone.digest().hex(),
        backbone.name(),
        backbone.hiddenSize(),
        sessions.precision(),
        sessions.device().word(),
        machine(),
        tokens,
        blocks,
        backbone.firstTokenPoint(),
        ends(tokens),
        call,
        adapters);
  }

  private CostTable.Machine machine() {
    return new CostTable.Machine(
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        runtime.settings().threads(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        runtime.version());
  }

  private List<List<Double>> blocks(List<Integer> tokens) {
    List<List<Double>> micros = new ArrayList<>();
    for (int k = 1; k <= backbone.points(); k++) {
      micros.add(new ArrayList<>());
    }
    heard.accept("blocks");
    for (int length : tokens) {
      try (Tensors tensors = new Tensors()) {
        Map<String, HostTensor> known = prologue(length, tensors);
        HostTensor output = tensors.hidden(length);
        for (int k = 1; k <= backbone.points(); k++) {
          OnnxSession block = sessions.block(k);
          micros
              .get(k - 1)
              .add(median(block, inputs(block, known), Map.of(Backbone.BLOCK_OUTPUT, output)));
        }
      }
    }
    return micros;
  }

  /** What is left for the first token, from {@link Backbone#firstTokenPoint()} on. */
  private List<Double> ends(List<Integer> tokens) {
    OnnxSession first = sessions.firstTokenBlock();
    List<Double> micros = new ArrayList<>();
    for (int length : tokens) {
      try (Tensors tensors = new Tensors()) {
        double sum = 0;
        if (first != null) {
          HostTensor output = tensors.hidden(1);
          Map<String, HostTensor> outputs =
              Map.of(
                  Backbone.BLOCK_OUTPUT,
                  output,
                  BackboneSessions.FIRST_OF_INPUT,
                  tensors.hidden(1));
          sum += median(first, inputs(first, prologue(length, tensors)), outputs);
          Map<String, HostTensor> alone = prologue(1, tensors);
          for (int k = backbone.firstTokenPoint() + 1; k <= backbone.points(); k++) {
            OnnxSession block = sessions.block(k);
            sum += median(block, inputs(block, alone), Map.of(Backbone.BLOCK_OUTPUT, output));
          }
        }
        micros.add(sum);
      }
    }
    return micros;
  }

  private static Map<String, HostTensor> inputs(OnnxSession block, Map<String, HostTensor> known) {
    Map<String, HostTensor> inputs = new HashMap<>();
    for (Value input : block.inputs()) {
      inputs.put(input.name(), requireNonNull(known.get(input.name()), input.name()));
    }
    return inputs;
  }

  /** The context of a row of any words, and something to enter every block. */
  private Map<String, HostTensor> prologue(int length, Tensors tensors) {
    Map<String, HostTensor> inputs = new HashMap<>();
    for (String name : backbone.inputNames()) {
      long[] values = new long[length];
      if (name.equals(AdapterAbi.ATTENTION_MASK)) {
        Arrays.fill(values, 1);
      } else if (name.equals("position_ids")) {
        Arrays.setAll(values, i -> i);
      }
      inputs.put(name, tensors.keep(HostTensor.longs(runtime, values, 1, length)));
    }
    List<String> context = backbone.context().stream().map(ContextTensor::name).toList();
    Map<String, HostTensor> known = new HashMap<>();
    if (!context.isEmpty()) {
      try (Results results = sessions.prologue().run(inputs, context)) {
        context.forEach(
            name -> known.put(name, tensors.keep(HostTensor.of(runtime, results.get(name)))));
      }
    }
    known.put(Backbone.BLOCK_INPUT, tensors.hidden(length));
    return known;
  }

  private List<Double> adapter(Graph graph, List<Integer> tokens) {
    List<Double> micros = new ArrayList<>();
    try (OnnxSession session = runtime.open(graph, SessionSettings.defaults())) {
      for (int length : tokens) {
        try (Tensors tensors = new Tensors()) {
          Map<String, HostTensor> inputs = new HashMap<>();
          for (Value input : session.inputs()) {
            inputs.put(input.name(), tensors.hidden(length));
          }
          Map<String, HostTensor> outputs = Map.of(AdapterAbi.ADAPTED, tensors.hidden(length));
          micros.add(median(session, inputs, outputs));
        }
      }
    }
    return micros;
  }

  private static double median(
      OnnxSession session, Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
    for (int i = 0; i < WARM_UPS; i++) {
      session.run(inputs, outputs);
    }
    long[] nanos = new long[MOST_RUNS];
    int runs = 0;
    long began = System.nanoTime();
    while (runs < MOST_RUNS
        && (runs < LEAST_RUNS || System.nanoTime() - began < NANOS_PER_FIGURE)) {
      long from = System.nanoTime();
      session.run(inputs, outputs);
      nanos[runs++] = System.nanoTime() - from;
    }
    Arrays.sort(nanos, 0, runs);
    return Math.round(nanos[runs / 2] / NANOS_PER_MICRO * 100) / 100.0;
  }

  /** The least an adapter can do: add a constant vector. */
  private Graph idle() {
    GraphBuilder graph = new GraphBuilder("idle", OPSET);
    int hidden = backbone.hiddenSize();
    String output = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    String vector = graph.initializer("vector", TensorData.floats(noise(hidden), hidden));
    graph.outputAs(
        graph.node("Add", output, vector), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    return graph.build();
  }

  private Graph graph(AdapterKind kind) {
    GraphBuilder graph = new GraphBuilder(kind.code(), OPSET);
    int hidden = backbone.hiddenSize();
    String input = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_INPUT, hidden));
    String output = graph.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, hidden));
    Map<String, String> weights = new HashMap<>();
    for (ParameterSpec spec : kind.parameters(hidden)) {
      weights.put(
          spec.name(),
          graph.initializer(spec.name(), TensorData.floats(noise(spec.size()), spec.dims())));
    }
    PointAdapters adapters = new PointAdapters(graph, hidden);
    adapters.add(kind, weights);
    graph.outputAs(
        adapters.emit(input, output), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, hidden));
    Graph built = graph.build();
    var read = built.consumers().keySet();
    return new Graph(
        built.name(),
        built.opsets(),
        built.inputs().stream().filter(value -> read.contains(value.name())).toList(),
        built.outputs(),
        built.nodes(),
        built.initializers());
  }

  private float[] noise(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (0.05 * random.nextGaussian());
    }
    return values;
  }

  /** Tensors that are closed together. */
  private final class Tensors implements AutoCloseable {
    private final List<HostTensor> open = new ArrayList<>();

    HostTensor keep(HostTensor tensor) {
      open.add(tensor);
      return tensor;
    }

    /** Random hidden states (1, length, hidden). */
    HostTensor hidden(int length) {
      int hidden = backbone.hiddenSize();
      var buffer = DirectBuffers.floats((long) length * hidden);
      buffer.duplicate().put(noise(length * hidden));
      return keep(HostTensor.floats(runtime, buffer, 1, length, hidden));
    }

    @Override
    public void close() {
      open.forEach(HostTensor::close);
    }
  }
}
