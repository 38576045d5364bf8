package io.sluice.backbone.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import io.sluice.backbone.graph.TensorData;
import java.nio.FloatBuffer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The outputs of one run, in memory of the runtime until closed. Read by one thread at a time.
 *
 * <p>Reading the values of an output copies them once out of native memory; asking for its shape
 * does not.
 */
public final class Results implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OrtSession.Result result;
  private final AtomicBoolean closed = new AtomicBoolean();

  Results(OnnxRuntime runtime, OrtSession.Result result) {
    this.runtime = runtime;
    this.result = result;
    runtime.opened();
  }

  /** The output's type, shape and elements, copied: valid after close. */
  public TensorData get(String name) {
    OnnxTensor tensor = tensor(name);
    return TensorData.bytes(
        ElementTypes.of(tensor.getInfo()), tensor.getByteBuffer(), tensor.getInfo().getShape());
  }

  /** The elements of a FLOAT output, from position 0. */
  public FloatBuffer floats(String name) {
    FloatBuffer values = tensor(name).getFloatBuffer();
    if (values == null) {
      throw new IllegalStateException(
          name + ": type " + ElementTypes.of(tensor(name).getInfo()) + " (expected: FLOAT)");
    }
    return values;
  }

  /** The shape of the output. */
  public long[] shape(String name) {
    return tensor(name).getInfo().getShape();
  }

  /** The names of the outputs. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    result.forEach(entry -> names.add(entry.getKey()));
    return names;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      result.close();
      runtime.closed();
    }
  }

  private OnnxTensor tensor(String name) {
    if (closed.get()) {
      throw new IllegalStateException("results: closed (expected: open)");
    }
    OnnxValue value =
        result
            .get(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "output: " + name + " (expected: one of " + names() + ")"));
    return (OnnxTensor) value;
  }
}
