package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An immutable dense tensor in memory: type, shape and elements, row-major and little-endian.
 *
 * <p>Holds a view of the bytes it was made from, so a graph of hundreds of megabytes is not copied
 * when it is cut. Two tensors are equal when type, shape and bytes are. Thread-safe.
 */
public final class TensorData {
  private static final int HASHED_BYTES = 512;

  private final DataType type;
  private final long[] shape;
  private final ByteBuffer data;

  private TensorData(DataType type, ByteBuffer data, long[] shape) {
    this.type = requireNonNull(type, "type");
    this.shape = shape.clone();
    this.data = data;
    if (type == DataType.STRING) {
      throw new IllegalArgumentException("type: STRING (expected: a type of fixed width)");
    }
    long expected = Math.multiplyExact(Shapes.elements(this.shape), type.sizeBytes());
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "bytes: "
              + data.remaining()
              + " (expected: "
              + expected
              + " for "
              + type
              + " "
              + Shapes.describe(this.shape)
              + ")");
    }
  }

  /**
   * A tensor on the bytes from position to limit of {@code data}, not copied: the caller must not
   * write to them again.
   */
  public static TensorData bytes(DataType type, ByteBuffer data, long... shape) {
    return new TensorData(type, requireNonNull(data, "data").slice().asReadOnlyBuffer(), shape);
  }

  /** A FLOAT tensor; {@code values} is copied. */
  public static TensorData floats(float[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.FLOAT);
    data.asFloatBuffer().put(values);
    return new TensorData(DataType.FLOAT, data, shape);
  }

  /** An INT64 tensor; {@code values} is copied. */
  public static TensorData longs(long[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.INT64);
    data.asLongBuffer().put(values);
    return new TensorData(DataType.INT64, data, shape);
  }

  /** A BOOL tensor; {@code values} is copied. */
  public static TensorData bools(boolean[] values, long... shape) {
    ByteBuffer data = allocate(values.length, DataType.BOOL);
    for (int i = 0; i < values.length; i++) {
      data.put(i, (byte) (values[i] ? 1 : 0));
    }
    return new TensorData(DataType.BOOL, data, shape);
  }

  /** A FLOAT tensor of shape (). */
  public static TensorData scalar(float value) {
    return floats(new float[] {value});
  }

  /** An INT64 tensor of shape (). */
  public static TensorData scalar(long value) {
    return longs(new long[] {value});
  }

  /** The element type. */
  public DataType type() {
    return type;
  }

  /** A copy of the shape; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** Number of axes. */
  public int rank() {
    return shape.length;
  }

  /** The number of elements; 1 for a scalar. */
  public long elements() {
    return Shapes.elements(shape);
  }

  /** Size of the elements, in bytes. */
  public long sizeBytes() {
    return data.limit();
  }

  /** A read-only view of the elements from position 0, little-endian, row-major. */
  public ByteBuffer bytes() {
    ByteBuffer view = data.duplicate();
    view.clear();
    return (view.isReadOnly() ? view : view.asReadOnlyBuffer()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The elements as floats; for FLOAT, FLOAT16, BFLOAT16 and DOUBLE (rounded). */
  public float[] toFloats() {
    ByteBuffer view = bytes();
    float[] values = new float[Math.toIntExact(elements())];
    switch (type) {
      case FLOAT -> view.asFloatBuffer().get(values);
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = HalfFloat.toFloat(view.getShort());
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(view.getShort() << 16);
        }
      }
      case DOUBLE -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) view.getDouble();
        }
      }
      default ->
          throw new IllegalStateException("type: " + type + " (expected: a floating-point type)");
    }
    return values;
  }

  /** The elements as longs; for the integer types up to INT64, and BOOL as 0 and 1. */
  public long[] toLongs() {
    ByteBuffer view = bytes();
    long[] values = new long[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case INT64 -> view.getLong();
            case INT32 -> view.getInt();
            case UINT32 -> Integer.toUnsignedLong(view.getInt());
            case INT16 -> view.getShort();
            case UINT16 -> Short.toUnsignedLong(view.getShort());
            case INT8 -> view.get();
            case UINT8, BOOL -> Byte.toUnsignedLong(view.get());
            default ->
                throw new IllegalStateException("type: " + type + " (expected: an integer type)");
          };
    }
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof TensorData that
            && type == that.type
            && Arrays.equals(shape, that.shape)
            && bytes().equals(that.bytes()));
  }

  /**
   * Over type, shape and the first 512 bytes: weights are large and hardly ever alike at the start
   * only.
   */
  @Override
  public int hashCode() {
    ByteBuffer head = bytes();
    head.limit(Math.min(head.limit(), HASHED_BYTES));
    return 31 * (31 * type.hashCode() + Arrays.hashCode(shape)) + head.hashCode();
  }

  @Override
  public String toString() {
    return type + " " + Shapes.describe(shape);
  }

  private static ByteBuffer allocate(int elements, DataType type) {
    return ByteBuffer.allocate(Math.multiplyExact(elements, type.sizeBytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
