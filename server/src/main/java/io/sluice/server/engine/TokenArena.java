package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.nio.ByteBuffer;

/**
 * Memory for int64 (rows, seq), written row by row and then {@linkplain #flush flushed} to where
 * sessions read it. Grows and never shrinks. Confined to one engine thread.
 */
final class TokenArena implements AutoCloseable {
  private final TensorMemory memory;
  private ByteBuffer written;
  private TensorRegion region;

  TokenArena(TensorMemory memory) {
    this.memory = requireNonNull(memory, "memory");
    this.written = DirectBuffers.bytes(0);
    this.region = memory.allocate(0);
  }

  /** Writes {@code values} and then {@code padding} up to {@code seq} as row {@code row}. */
  void setRow(int row, int seq, long[] values, long padding) {
    int start = row * seq;
    for (int i = 0; i < seq; i++) {
      set(start + i, i < values.length ? values[i] : padding);
    }
  }

  /** Writes {@code length} ones and then zeros up to {@code seq} as row {@code row}. */
  void setMaskRow(int row, int seq, int length) {
    int start = row * seq;
    for (int i = 0; i < seq; i++) {
      set(start + i, i < length ? 1 : 0);
    }
  }

  /** Makes room; if that takes more memory, the content is lost. */
  void reserve(int rows, int seq) {
    long bytes = (long) Long.BYTES * rows * seq;
    if (bytes > region.sizeBytes()) {
      long grown = Math.max(bytes, 2 * region.sizeBytes());
      region.close();
      // If there is no memory for more, none is left, and not what is freed.
      region = memory.allocate(0);
      written = DirectBuffers.bytes(grown);
      region = memory.allocate(grown);
    }
  }

  /** Hands over what was written of the first {@code rows}. */
  void flush(int rows, int seq) {
    region.write(0, written.slice(0, Long.BYTES * rows * seq));
  }

  /** Rows {@code start} up to {@code start + rows}, shape (rows, seq). Owned by the caller. */
  Tensor view(int start, int rows, int seq) {
    return region.tensor(DataType.INT64, (long) Long.BYTES * start * seq, rows, seq);
  }

  /** The first longs, shape (count). Owned by the caller. */
  Tensor vector(int count) {
    return region.tensor(DataType.INT64, 0, count);
  }

  @Override
  public void close() {
    region.close();
  }

  /** Writes one long. */
  void set(int position, long value) {
    written.putLong(Long.BYTES * position, value);
  }
}
