package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The large float32 weights of several sessions, each in memory once however many sessions hold it,
 * and once in the form that products read. Sessions on a GPU, and all where native code cannot be
 * called from here, have weights of their own. Thread-safe; to be closed when all of its sessions
 * are.
 */
public final class SharedWeights implements AutoCloseable {
  /** Smaller ones are not worth a lookup. */
  private static final int FEWEST_ELEMENTS = 1 << 14;

  private final OnnxRuntime runtime;
  private final @Nullable PackedWeights packed;
  private final @Nullable String whyNot;
  private final Map<TensorData, HostTensor> weights = new HashMap<>();
  private boolean closed;

  private SharedWeights(
      OnnxRuntime runtime, @Nullable PackedWeights packed, @Nullable String whyNot) {
    this.runtime = runtime;
    this.packed = packed;
    this.whyNot = whyNot;
  }

  /** None yet; those of sessions that will be opened. */
  public static SharedWeights on(OnnxRuntime runtime) {
    requireNonNull(runtime, "runtime");
    if (runtime.settings().device().isCuda()) {
      return new SharedWeights(runtime, null, null);
    }
    try {
      return new SharedWeights(runtime, new PackedWeights(runtime.environment()), null);
    } catch (OrtException | ReflectiveOperationException | LinkageError e) {
      return new SharedWeights(runtime, null, e.toString());
    }
  }

  /** Why sessions on a processor have weights of their own; null where they share them. */
  public @Nullable String whyNot() {
    return whyNot;
  }

  /** What sessions on them compute on. */
  public Device device() {
    return runtime.settings().device();
  }

  /** Compiles a graph on weights that are here, or come here now. */
  public OnnxSession open(Graph graph, SessionSettings settings) {
    requireNonNull(graph, "graph");
    if (packed == null) {
      return runtime.open(graph, settings);
    }
    byte[] model = OnnxFormat.write(graph);
    return runtime.open(settings, options -> open(packed, graph, model, options));
  }

  /** What the weights of a graph take in each session that is opened on it. */
  public long ownBytes(Graph graph) {
    return graph.initializers().values().stream()
        .filter(weight -> packed == null || !isShared(weight))
        .mapToLong(TensorData::sizeBytes)
        .sum();
  }

  /** What the weights take, each counted once and without its packed form. */
  public synchronized long sizeBytes() {
    return weights.keySet().stream().mapToLong(TensorData::sizeBytes).sum();
  }

  /** A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    weights.values().forEach(HostTensor::close);
    weights.clear();
    if (packed != null) {
      packed.close();
    }
  }

  private synchronized OrtSession open(
      PackedWeights container, Graph graph, byte[] model, OrtSession.SessionOptions options)
      throws OrtException {
    if (closed) {
      throw new IllegalStateException("weights: closed (expected: open)");
    }
    for (Map.Entry<String, TensorData> weight : graph.initializers().entrySet()) {
      TensorData data = weight.getValue();
      if (isShared(data)) {
        OnnxTensor shared = weights.computeIfAbsent(data, this::tensor).handle();
        options.addInitializer(weight.getKey(), shared);
      }
    }
    return container.open(model, options);
  }

  private static boolean isShared(TensorData data) {
    return data.type() == DataType.FLOAT && data.elements() >= FEWEST_ELEMENTS;
  }

  private HostTensor tensor(TensorData data) {
    ByteBuffer bytes = data.bytes();
    return bytes.isDirect()
        ? HostTensor.over(runtime, data.type(), bytes.order(ByteOrder.nativeOrder()), data.shape())
        : HostTensor.of(runtime, data);
  }
}
