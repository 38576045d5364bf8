package io.sluice.registry.probe;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The reference execution of one bundle: prologue, each block and the adapter behind it, epilogue,
 * head, one after another on the whole batch. What the engine answers must equal this.
 *
 * <p>Owns the sessions of the adapters and the head, not those of the backbone. Thread-safe.
 */
public final class BundleForward implements AutoCloseable {
  private final BackboneSessions backbone;
  private final OnnxRuntime runtime;
  private final TaskKind kind;
  private final int labels;
  private final Map<Integer, OnnxSession> adapters = new TreeMap<>();
  private final OnnxSession head;

  /**
   * Compiles the bundle's graphs.
   *
   * @param backbone must stay open as long as this is used
   * @throws SluiceException INVALID_ARGUMENT when ONNX Runtime refuses one of them
   * @throws io.sluice.registry.bundle.BackboneMismatchException when the bundle is for another one
   */
  public BundleForward(BackboneSessions backbone, AdapterBundle bundle, OnnxRuntime runtime) {
    this.backbone = requireNonNull(backbone, "backbone");
    this.runtime = requireNonNull(runtime, "runtime");
    this.kind = bundle.manifest().kind();
    this.labels = bundle.manifest().labels().size();
    bundle.requireBackbone(backbone.backbone());
    boolean opened = false;
    try {
      for (Map.Entry<Integer, Graph> point : bundle.points().entrySet()) {
        adapters.put(
            point.getKey(), open(runtime, point.getValue(), bundle, "point " + point.getKey()));
      }
      this.head = open(runtime, bundle.head(), bundle, "head");
      opened = true;
    } finally {
      if (!opened) {
        adapters.values().forEach(OnnxSession::close);
      }
    }
  }

  /**
   * Runs a padded batch.
   *
   * @param encodings at least one row
   * @return per row the logits by label; for a span the start logits of the row's tokens, then
   *     their end logits
   * @throws SluiceException INVALID_ARGUMENT when a graph gives another shape than it declares
   */
  public float[][] logits(List<Encoding> encodings) {
    return logits(encodings, true);
  }

  /** As {@link #logits(List)}, but with the adapters left out: the head on the bare backbone. */
  public float[][] logitsWithoutAdapters(List<Encoding> encodings) {
    return logits(encodings, false);
  }

  @Override
  public void close() {
    adapters.values().forEach(OnnxSession::close);
    head.close();
  }

  private static OnnxSession open(
      OnnxRuntime runtime, Graph graph, AdapterBundle bundle, String part) {
    try {
      return runtime.open(graph, SessionSettings.defaults());
    } catch (SluiceException e) {
      throw new SluiceException(e.code(), bundle + ": " + part + ": " + e.getMessage(), e);
    }
  }

  private float[][] logits(List<Encoding> encodings, boolean adapted) {
    PaddedBatch batch = PaddedBatch.of(encodings);
    int longest = backbone.backbone().maxPositions();
    if (batch.tokens() > longest) {
      throw new IllegalArgumentException(
          "encodings: " + batch.tokens() + " tokens (expected: at most " + longest + ")");
    }
    Map<String, TensorData> known = start(batch);
    TensorData hidden = requireNonNull(known.get(Backbone.PROLOGUE_OUTPUT));
    for (int k = 1; k <= backbone.backbone().points(); k++) {
      TensorData before = hidden;
      known.put(Backbone.BLOCK_INPUT, before);
      hidden = run(backbone.block(k), known, Backbone.BLOCK_OUTPUT);
      OnnxSession adapter = adapted ? adapters.get(k) : null;
      if (adapter != null) {
        hidden =
            run(
                adapter,
                Map.of(AdapterAbi.BLOCK_INPUT, before, AdapterAbi.BLOCK_OUTPUT, hidden),
                AdapterAbi.ADAPTED);
        requireShape("point " + k + ": " + AdapterAbi.ADAPTED, hidden, before.shape());
      }
    }
    return rows(head(epilogue(hidden, known), batch), batch);
  }

  /** Boundary 0 and the context tensors by name. */
  private Map<String, TensorData> start(PaddedBatch batch) {
    List<String> outputs = new ArrayList<>();
    outputs.add(Backbone.PROLOGUE_OUTPUT);
    backbone.backbone().context().forEach(tensor -> outputs.add(tensor.name()));
    return run(backbone.prologue(), batch.inputs(backbone.backbone().inputNames()), outputs);
  }

  private TensorData epilogue(TensorData last, Map<String, TensorData> known) {
    @Nullable OnnxSession epilogue = backbone.epilogue();
    if (epilogue == null) {
      return last;
    }
    known.put(Backbone.BLOCK_INPUT, last);
    return run(epilogue, known, Backbone.EPILOGUE_OUTPUT);
  }

  private List<TensorData> head(TensorData hidden, PaddedBatch batch) {
    Map<String, TensorData> inputs = new HashMap<>(batch.tensors());
    inputs.put(AdapterAbi.HIDDEN, hidden);
    List<String> outputs = AdapterAbi.headOutputs(kind);
    Map<String, TensorData> results = run(head, inputs, outputs);
    List<TensorData> found = new ArrayList<>();
    for (String name : outputs) {
      TensorData output = requireNonNull(results.get(name));
      long perRow = kind.answersPerToken() ? batch.tokens() : labels;
      requireShape("head: " + name, output, new long[] {batch.rows(), perRow});
      found.add(output);
    }
    return found;
  }

  /** What a graph declares is a promise, which ONNX Runtime does not hold it to. */
  private static void requireShape(String what, TensorData found, long[] expected) {
    if (!Arrays.equals(found.shape(), expected)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          what + ": " + found + " (expected: shape " + Arrays.toString(expected) + ")");
    }
  }

  /** Cuts the outputs into rows, without what stands for padding. */
  private float[][] rows(List<TensorData> outputs, PaddedBatch batch) {
    List<float[]> values = outputs.stream().map(TensorData::toFloats).toList();
    int stride = kind.answersPerToken() ? batch.tokens() : labels;
    float[][] rows = new float[batch.rows()][];
    for (int row = 0; row < rows.length; row++) {
      int perOutput = kind.answersPerToken() ? batch.lengths().get(row) : labels;
      rows[row] = new float[perOutput * values.size()];
      for (int i = 0; i < values.size(); i++) {
        System.arraycopy(values.get(i), row * stride, rows[row], i * perOutput, perOutput);
      }
    }
    return rows;
  }

  private TensorData run(OnnxSession session, Map<String, TensorData> known, String output) {
    return requireNonNull(run(session, known, List.of(output)).get(output));
  }

  /** Runs a session with those of the known tensors that it takes. */
  private Map<String, TensorData> run(
      OnnxSession session, Map<String, TensorData> known, Collection<String> outputs) {
    Map<String, HostTensor> inputs = new HashMap<>();
    try {
      for (Value input : session.inputs()) {
        TensorData value = known.get(input.name());
        if (value != null) {
          inputs.put(input.name(), HostTensor.of(runtime, value));
        }
      }
      try (Results results = session.run(inputs, outputs)) {
        Map<String, TensorData> values = new HashMap<>();
        outputs.forEach(name -> values.put(name, results.get(name)));
        return values;
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }
}
