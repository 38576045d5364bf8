package io.sluice.trainer.checkpoint;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that a run's next step depends on, as named arrays of numbers, exact to the bit.
 * Immutable.
 */
public final class SavedState {
  private final SortedMap<String, byte[]> parts;

  SavedState(SortedMap<String, byte[]> parts) {
    this.parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
  }

  public static Builder builder() {
    return new Builder();
  }

  SortedMap<String, byte[]> parts() {
    return parts;
  }

  /** Whether there is a part of that name. */
  public boolean has(String name) {
    return parts.containsKey(name);
  }

  public float[] floats(String name) {
    float[] values = new float[size(name, Float.BYTES)];
    part(name).asFloatBuffer().get(values);
    return values;
  }

  public double[] doubles(String name) {
    double[] values = new double[size(name, Double.BYTES)];
    part(name).asDoubleBuffer().get(values);
    return values;
  }

  public long[] longs(String name) {
    long[] values = new long[size(name, Long.BYTES)];
    part(name).asLongBuffer().get(values);
    return values;
  }

  /** The only number of a part. */
  public long number(String name) {
    return longs(name)[0];
  }

  public String text(String name) {
    return StandardCharsets.UTF_8.decode(part(name)).toString();
  }

  private int size(String name, int bytes) {
    return part(name).remaining() / bytes;
  }

  private ByteBuffer part(String name) {
    byte[] part = parts.get(name);
    if (part == null) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          "checkpoint: no part " + name + " (expected: one, among " + parts.keySet() + ")");
    }
    return ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A state being put together; what is put in is copied. Confined to one thread. */
  public static final class Builder {
    private final SortedMap<String, byte[]> parts = new TreeMap<>();

    private Builder() {}

    public Builder floats(String name, float[] values) {
      ByteBuffer part = room(values.length, Float.BYTES);
      part.asFloatBuffer().put(values);
      return put(name, part);
    }

    public Builder doubles(String name, double[] values) {
      ByteBuffer part = room(values.length, Double.BYTES);
      part.asDoubleBuffer().put(values);
      return put(name, part);
    }

    public Builder longs(String name, long... values) {
      ByteBuffer part = room(values.length, Long.BYTES);
      part.asLongBuffer().put(values);
      return put(name, part);
    }

    public Builder text(String name, String value) {
      return put(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    public SavedState build() {
      return new SavedState(parts);
    }

    private Builder put(String name, ByteBuffer content) {
      byte[] part = new byte[content.remaining()];
      content.get(part);
      if (parts.put(requireNonNull(name, "name"), part) != null) {
        throw new IllegalArgumentException("part: " + name + " twice (expected: once)");
      }
      return this;
    }

    private static ByteBuffer room(int values, int bytes) {
      return ByteBuffer.allocate(Math.multiplyExact(values, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
