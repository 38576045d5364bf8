package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Shapes;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A tensor that sessions read and write where it lies: on the host or in the memory of a device.
 * Row-major, native byte order.
 *
 * <p>May be read by several runs at once; one run at a time may write into it. Closing frees the
 * native handle, never the memory, and must not happen during a call of {@link OnnxSession#run}
 * that uses it.
 */
public abstract sealed class Tensor implements AutoCloseable permits HostTensor, DeviceTensor {
  private final OnnxRuntime runtime;
  private final OnnxTensor tensor;
  private final DataType type;
  private final long[] shape;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over {@code tensor}. */
  Tensor(OnnxRuntime runtime, OnnxTensor tensor, DataType type, long[] shape) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.tensor = requireNonNull(tensor, "tensor");
    this.type = requireNonNull(type, "type");
    this.shape = shape.clone();
    runtime.opened();
  }

  /** The element type. */
  public final DataType type() {
    return type;
  }

  /** A copy of the shape. */
  public final long[] shape() {
    return shape.clone();
  }

  /** Frees the native handle; the memory stays its owner's. A second call does nothing. */
  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      tensor.close();
      runtime.closed();
    }
  }

  @Override
  public final String toString() {
    return type + " " + Shapes.describe(shape);
  }

  final OnnxTensor handle() {
    if (closed.get()) {
      throw new IllegalStateException("tensor " + this + ": closed (expected: open)");
    }
    return tensor;
  }

  /** Whether the memory must not be written to, so that this cannot be an output. */
  abstract boolean isReadOnly();

  /** The shape itself; not to be written to. */
  final long[] sharedShape() {
    return shape;
  }
}
