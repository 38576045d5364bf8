package io.sluice.backbone.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** Fresh zeroed buffers outside the Java heap, in native byte order; freed when unreachable. */
public final class DirectBuffers {
  private DirectBuffers() {}

  /** Room for {@code count} floats. */
  public static FloatBuffer floats(long count) {
    return bytes(Math.multiplyExact(count, Float.BYTES)).asFloatBuffer();
  }

  /** Room for {@code count} longs. */
  public static LongBuffer longs(long count) {
    return bytes(Math.multiplyExact(count, Long.BYTES)).asLongBuffer();
  }

  /** Room for {@code sizeBytes} bytes. */
  public static ByteBuffer bytes(long sizeBytes) {
    if (sizeBytes < 0 || sizeBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("sizeBytes: " + sizeBytes + " (expected: 0..2147483647)");
    }
    return ByteBuffer.allocateDirect((int) sizeBytes).order(ByteOrder.nativeOrder());
  }
}
