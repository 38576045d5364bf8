package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A tensor on direct memory that the caller owns and may go on reading and writing between runs:
 * nothing is copied, not even for a slice. Row-major, native byte order.
 *
 * <p>Keeps the buffer reachable. May be read by several runs at once; one run at a time may write
 * into it. Closing frees the native handle, never the memory, and must not happen during a run that
 * uses it.
 */
public final class HostTensor implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OnnxTensor tensor;
  private final DataType type;
  private final long[] shape;
  private final Buffer memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HostTensor(OnnxRuntime runtime, DataType type, Buffer memory, long[] shape) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.type = type;
    this.memory = memory;
    this.shape = shape.clone();
    requireFit(memory, this.shape);
    try {
      this.tensor = create();
    } catch (OrtException e) {
      throw OrtFailures.internal("tensor " + type + " " + Arrays.toString(shape), e);
    }
    runtime.opened();
  }

  /** A FLOAT tensor on position to limit of a direct buffer. */
  public static HostTensor floats(OnnxRuntime runtime, FloatBuffer direct, long... shape) {
    return new HostTensor(runtime, DataType.FLOAT, direct.slice(), shape);
  }

  /** An INT64 tensor on position to limit of a direct buffer. */
  public static HostTensor longs(OnnxRuntime runtime, LongBuffer direct, long... shape) {
    return new HostTensor(runtime, DataType.INT64, direct.slice(), shape);
  }

  /** A FLOAT tensor on a direct copy of {@code values}. */
  public static HostTensor floats(OnnxRuntime runtime, float[] values, long... shape) {
    return floats(runtime, DirectBuffers.floats(values.length).put(values).flip(), shape);
  }

  /** An INT64 tensor on a direct copy of {@code values}. */
  public static HostTensor longs(OnnxRuntime runtime, long[] values, long... shape) {
    return longs(runtime, DirectBuffers.longs(values.length).put(values).flip(), shape);
  }

  /** A tensor on a direct copy of {@code data}. */
  public static HostTensor of(OnnxRuntime runtime, TensorData data) {
    ByteBuffer memory = DirectBuffers.bytes(data.sizeBytes()).put(data.bytes()).flip();
    return switch (data.type()) {
      case FLOAT -> floats(runtime, memory.asFloatBuffer(), data.shape());
      case INT64 -> longs(runtime, memory.asLongBuffer(), data.shape());
      default -> new HostTensor(runtime, data.type(), memory, data.shape());
    };
  }

  /** The element type. */
  public DataType type() {
    return type;
  }

  /** A copy of the shape. */
  public long[] shape() {
    return shape.clone();
  }

  /** The memory of a FLOAT tensor, from position 0; each call a view of its own. */
  public FloatBuffer floats() {
    if (memory instanceof FloatBuffer floats) {
      return floats.duplicate();
    }
    throw new IllegalStateException("type: " + type + " (expected: FLOAT)");
  }

  /** The memory of an INT64 tensor, from position 0; each call a view of its own. */
  public LongBuffer longs() {
    if (memory instanceof LongBuffer longs) {
      return longs.duplicate();
    }
    throw new IllegalStateException("type: " + type + " (expected: INT64)");
  }

  /** A copy of the present content. */
  public TensorData toData() {
    if (memory instanceof FloatBuffer floats) {
      float[] values = new float[floats.capacity()];
      floats.get(0, values);
      return TensorData.floats(values, shape);
    }
    if (memory instanceof LongBuffer longs) {
      long[] values = new long[longs.capacity()];
      longs.get(0, values);
      return TensorData.longs(values, shape);
    }
    ByteBuffer copy = ByteBuffer.allocate(memory.capacity());
    copy.put(0, (ByteBuffer) memory, 0, memory.capacity());
    return TensorData.bytes(type, copy, shape);
  }

  /** Frees the native handle; the memory stays the caller's. A second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      tensor.close();
      runtime.closed();
    }
  }

  @Override
  public String toString() {
    return type + " " + Shapes.describe(shape);
  }

  OnnxTensor handle() {
    if (closed.get()) {
      throw new IllegalStateException("tensor " + this + ": closed (expected: open)");
    }
    return tensor;
  }

  /** Whether the memory must not be written to, so that this cannot be an output. */
  boolean isReadOnly() {
    return memory.isReadOnly();
  }

  /** The shape itself; not to be written to. */
  long[] sharedShape() {
    return shape;
  }

  private OnnxTensor create() throws OrtException {
    if (memory instanceof FloatBuffer floats) {
      return OnnxTensor.createTensor(runtime.environment(), floats, shape);
    }
    if (memory instanceof LongBuffer longs) {
      return OnnxTensor.createTensor(runtime.environment(), longs, shape);
    }
    return OnnxTensor.createTensor(
        runtime.environment(), (ByteBuffer) memory, shape, ElementTypes.javaType(type));
  }

  private static ByteOrder order(Buffer buffer) {
    if (buffer instanceof FloatBuffer floats) {
      return floats.order();
    }
    return buffer instanceof LongBuffer longs ? longs.order() : ByteOrder.nativeOrder();
  }

  private void requireFit(Buffer buffer, long[] wanted) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          "buffer: on the heap (expected: direct, as of DirectBuffers)");
    }
    if (order(buffer) != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "buffer: "
              + order(buffer)
              + " (expected: "
              + ByteOrder.nativeOrder()
              + ", the native order)");
    }
    long expected = Shapes.elements(wanted);
    long found =
        buffer instanceof ByteBuffer ? buffer.remaining() / type.sizeBytes() : buffer.remaining();
    if (found != expected) {
      throw new IllegalArgumentException(
          "buffer: "
              + found
              + " elements (expected: "
              + expected
              + " for shape "
              + Shapes.describe(wanted)
              + ")");
    }
  }
}
