package io.sluice.trainer.model;

import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A training graph, compiled: one call is forward and backward over a batch. Owns its native
 * memory, which does not grow from step to step. Confined to the training thread.
 */
public final class TrainingSession implements AutoCloseable {
  private static final Set<String> OWN =
      Set.of(
          Tensors.PARAMETERS, Tensors.GATES, Tensors.TARGETS, Tensors.KEEP, Tensors.ADAPTER_KEEP);

  private final OnnxRuntime runtime;
  private final OnnxSession session;
  private final BatchTensors batches;
  private final @Nullable BatchFeed feed;
  private @Nullable Runnable ahead;
  private final FlatTensor parameters;
  private final FlatTensor gradients;
  private final @Nullable WordRows words;
  private final HostTensor loss;
  private final Map<String, HostTensor> outputs = new HashMap<>();
  private final HostTensor gates;
  private final HostTensor gateGradients;
  private final Regularisation regularisation;

  /** Null where the graph takes the gates itself, or there are none. */
  private final @Nullable FoldedGates folded;

  /** The gates' gradient of the last step, once that of the weights has been asked for. */
  private float @Nullable [] foldedGradients;

  /**
   * Lengths of arrays.
   *
   * @param weights of the flat arrays of weights and gradients
   * @param words what of them goes its own way
   */
  private record Sizes(int weights, int gates, WordTable words) {}

  /** Adapters that dropout applies to. */
  private final int droppedOut;

  /**
   * Compiles a graph of {@link AdaptedGraphs#training}.
   *
   * @param size length of the flat arrays of weights and gradients
   * @param gateCount number of gates, 0 for a graph without
   */
  public TrainingSession(
      OnnxRuntime runtime, Graph graph, int size, int gateCount, Regularisation regularisation) {
    this(runtime, graph, size, gateCount, regularisation, null, settings());
  }

  /**
   * Compiles a graph of {@link AdaptedGraphs#training}.
   *
   * @param size length of the flat arrays of weights and gradients
   * @param gateCount number of gates, 0 for a graph without
   * @param trunk what feeds a graph that begins above a trunk; stays the caller's
   */
  public TrainingSession(
      OnnxRuntime runtime,
      Graph graph,
      int size,
      int gateCount,
      Regularisation regularisation,
      @Nullable TrunkCache trunk) {
    this(runtime, graph, size, gateCount, regularisation, trunk, settings());
  }

  /** The same, compiled with some settings made from {@link #settings}. */
  public TrainingSession(
      OnnxRuntime runtime,
      Graph graph,
      int size,
      int gateCount,
      Regularisation regularisation,
      @Nullable TrunkCache trunk,
      SessionSettings settings) {
    this(
        runtime,
        graph,
        new Sizes(size, gateCount, WordTable.NONE),
        regularisation,
        trunk,
        null,
        null,
        settings);
  }

  /**
   * Compiles a graph with a gate for each candidate; where they are multiplied in depends on the
   * device.
   *
   * @param boundary where the graph begins; see {@link AdaptedGraphs#training}
   * @param trunk what feeds a graph that begins above a trunk; stays the caller's
   */
  public static TrainingSession gated(
      OnnxRuntime runtime,
      AdaptedGraphs graphs,
      List<Candidate> candidates,
      int boundary,
      Regularisation regularisation,
      @Nullable TrunkCache trunk,
      SessionSettings settings) {
    boolean folds = graphs.foldsGates();
    ParameterLayout layout = graphs.layout(candidates);
    return new TrainingSession(
        runtime,
        graphs.training(candidates, !folds, boundary),
        new Sizes(layout.size(), folds ? 0 : candidates.size(), WordTable.NONE),
        regularisation,
        trunk,
        null,
        folds ? new FoldedGates(layout) : null,
        settings);
  }

  /** Compiles {@link TunedGraphs#training}. */
  public static TrainingSession of(
      OnnxRuntime runtime, TunedGraphs graphs, Regularisation regularisation) {
    WordRows words = graphs.wordRows();
    return new TrainingSession(
        runtime,
        graphs.training(),
        new Sizes(graphs.layout().size(), 0, graphs.wordTable()),
        regularisation,
        words,
        words,
        null,
        settings());
  }

  private TrainingSession(
      OnnxRuntime runtime,
      Graph graph,
      Sizes sizes,
      Regularisation regularisation,
      @Nullable BatchFeed feed,
      @Nullable WordRows words,
      @Nullable FoldedGates folded,
      SessionSettings settings) {
    this.runtime = runtime;
    this.folded = folded;
    this.regularisation = regularisation;
    this.words = words;
    this.feed = feed;
    session = runtime.open(graph, settings);
    batches =
        new BatchTensors(
            runtime,
            graph.inputs().stream()
                .map(Value::name)
                .filter(name -> !OWN.contains(name))
                .collect(Collectors.toSet()),
            feed);
    droppedOut = droppedOut(graph);
    parameters = new FlatTensor(runtime, sizes.weights, sizes.words);
    gradients = new FlatTensor(runtime, sizes.weights, sizes.words);
    gates = floats(Math.max(1, sizes.gates));
    gateGradients = floats(Math.max(1, sizes.gates));
    loss = HostTensor.floats(runtime, DirectBuffers.floats(1));
    outputs.put(Tensors.GRADIENTS, gradients.tensor());
    outputs.put(Tensors.LOSS, loss);
    if (sizes.gates > 0) {
      outputs.put(Tensors.GATE_GRADIENTS, gateGradients);
    }
  }

  /** How training graphs are compiled. */
  public static SessionSettings settings() {
    // Batches differ in shape all the time: a memory plan for each would only pile up.
    return SessionSettings.defaults().withMemoryPattern(false);
  }

  /** The file that settings with a profile asked for. */
  public Path endProfile() {
    return session.endProfile();
  }

  /** Whether it gains by {@link #expect}. */
  public boolean expects() {
    return feed != null && feed.prepares();
  }

  /** Says which rows come after the next step: they are prepared while the device computes that. */
  public void expect(EncodedRows all, int[] rows) {
    if (feed != null) {
      ahead = preparing(feed, all, rows);
    }
  }

  private static Runnable preparing(BatchFeed feed, EncodedRows all, int[] rows) {
    return () -> feed.prepare(all, rows);
  }

  /**
   * Computes loss and gradients of a batch.
   *
   * @param step number of the step, which dropout depends on
   * @param all the rows the batch is taken from
   * @param rows numbers of its rows
   * @param values the weights; read only
   * @param gateValues the gates; empty for a graph without
   * @return mean loss of the rows, in nats
   */
  public double step(int step, EncodedRows all, int[] rows, float[] values, float[] gateValues) {
    // Other threads do that while this one puts the batch together.
    CompletableFuture<Void> products =
        folded == null
            ? CompletableFuture.completedFuture(null)
            : CompletableFuture.runAsync(() -> folded.products(values, gateValues, parameters));
    if (folded == null) {
      parameters.put(values);
    }
    foldedGradients = null;
    if (words != null) {
      words.in(values);
    }
    if (folded == null) {
      gates.floats().put(gateValues);
    }
    try (BatchTensors.Batch batch = batches.of(all, rows);
        HostTensor targets = regularisation.targets(runtime, all, rows, batch.longest());
        HostTensor keep = regularisation.keep(runtime, step, rows.length);
        HostTensor adapterKeep = adapterKeep(step, rows.length)) {
      Map<String, Tensor> inputs = new HashMap<>(batch.tensors());
      inputs.put(Tensors.PARAMETERS, parameters.tensor());
      inputs.put(Tensors.TARGETS, targets);
      inputs.put(Tensors.KEEP, keep);
      if (adapterKeep != null) {
        inputs.put(Tensors.ADAPTER_KEEP, adapterKeep);
      }
      if (gateValues.length > 0 && folded == null) {
        inputs.put(Tensors.GATES, gates);
      }
      products.join();
      CompletableFuture<Void> next =
          ahead == null
              ? CompletableFuture.completedFuture(null)
              : CompletableFuture.runAsync(ahead);
      ahead = null;
      try {
        run(inputs);
      } finally {
        next.join();
      }
    } finally {
      products.join();
    }
    return loss.floats().get(0);
  }

  private void run(Map<String, Tensor> inputs) {
    if (words == null) {
      session.run(inputs, outputs);
      return;
    }
    try (HostTensor wordGradients = words.gradient()) {
      Map<String, HostTensor> all = new HashMap<>(outputs);
      all.put(Tensors.WORD_GRADIENTS, wordGradients);
      session.run(inputs, all);
    }
  }

  private @Nullable HostTensor adapterKeep(int step, int rows) {
    return droppedOut == 0 ? null : regularisation.adapterKeep(runtime, step, droppedOut, rows);
  }

  private static int droppedOut(Graph graph) {
    for (Value input : graph.inputs()) {
      if (input.name().equals(Tensors.ADAPTER_KEEP)
          && input.shape().get(0) instanceof Dim.Known adapters) {
        return Math.toIntExact(adapters.size());
      }
    }
    return 0;
  }

  /** Copies out the gradient of the last step. */
  public void gradients(float[] into) {
    if (folded == null) {
      gradients.get(into);
    } else {
      // Both in one go: they read the same numbers.
      foldedGradients = folded.gradients(gradients, into);
    }
    if (words != null) {
      words.addUp(into);
    }
  }

  /** Copies out the gates' gradient of the last step. */
  public void gateGradients(float[] into) {
    if (folded == null) {
      gateGradients.floats().get(into);
      return;
    }
    float[] made = foldedGradients;
    if (made == null) {
      made = folded.gradients(gradients, new float[folded.size()]);
      foldedGradients = made;
    }
    System.arraycopy(made, 0, into, 0, into.length);
  }

  @Override
  public void close() {
    session.close();
    parameters.close();
    gradients.close();
    gates.close();
    gateGradients.close();
    loss.close();
  }

  private HostTensor floats(int size) {
    return HostTensor.floats(runtime, DirectBuffers.floats(size), size);
  }
}
