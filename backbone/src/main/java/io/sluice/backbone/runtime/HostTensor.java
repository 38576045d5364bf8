package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Shapes;
import io.sluice.backbone.graph.TensorData;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A tensor on direct memory that the caller owns and may go on reading and writing between runs:
 * nothing is copied, not even for a slice. Keeps the buffer reachable.
 */
public final class HostTensor extends Tensor {
  private final Buffer memory;

  private HostTensor(OnnxRuntime runtime, DataType type, Buffer memory, long[] shape) {
    super(runtime, create(runtime, type, memory, shape), type, shape);
    this.memory = memory;
  }

  /** A tensor on position to limit of a direct buffer. */
  static HostTensor over(OnnxRuntime runtime, DataType type, ByteBuffer direct, long... shape) {
    return switch (type) {
      case FLOAT -> floats(runtime, direct.asFloatBuffer(), shape);
      case INT64 -> longs(runtime, direct.asLongBuffer(), shape);
      default -> new HostTensor(runtime, type, direct.slice().order(direct.order()), shape);
    };
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
    return over(runtime, data.type(), memory, data.shape());
  }

  /** The memory of a FLOAT tensor, from position 0; each call a view of its own. */
  public FloatBuffer floats() {
    if (memory instanceof FloatBuffer floats) {
      return floats.duplicate();
    }
    throw new IllegalStateException("type: " + type() + " (expected: FLOAT)");
  }

  /** The memory of an INT64 tensor, from position 0; each call a view of its own. */
  public LongBuffer longs() {
    if (memory instanceof LongBuffer longs) {
      return longs.duplicate();
    }
    throw new IllegalStateException("type: " + type() + " (expected: INT64)");
  }

  /** A copy of the present content. */
  public TensorData toData() {
    if (memory instanceof FloatBuffer floats) {
      float[] values = new float[floats.capacity()];
      floats.get(0, values);
      return TensorData.floats(values, sharedShape());
    }
    if (memory instanceof LongBuffer longs) {
      long[] values = new long[longs.capacity()];
      longs.get(0, values);
      return TensorData.longs(values, sharedShape());
    }
    ByteBuffer copy = ByteBuffer.allocate(memory.capacity());
    copy.put(0, (ByteBuffer) memory, 0, memory.capacity());
    return TensorData.bytes(type(), copy, sharedShape());
  }

  @Override
  boolean isReadOnly() {
    return memory.isReadOnly();
  }

  private static OnnxTensor create(
      OnnxRuntime runtime, DataType type, Buffer memory, long[] shape) {
    requireNonNull(runtime, "runtime");
    requireFit(type, memory, shape);
    try {
      if (memory instanceof FloatBuffer floats) {
        return OnnxTensor.createTensor(runtime.environment(), floats, shape);
      }
      if (memory instanceof LongBuffer longs) {
        return OnnxTensor.createTensor(runtime.environment(), longs, shape);
      }
      return OnnxTensor.createTensor(
          runtime.environment(), (ByteBuffer) memory, shape, ElementTypes.javaType(type));
    } catch (OrtException e) {
      throw OrtFailures.internal("tensor " + type + " " + Arrays.toString(shape), e);
    }
  }

  private static ByteOrder order(Buffer buffer) {
    if (buffer instanceof FloatBuffer floats) {
      return floats.order();
    }
    return buffer instanceof LongBuffer longs ? longs.order() : ByteOrder.nativeOrder();
  }

  private static void requireFit(DataType type, Buffer buffer, long[] wanted) {
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
