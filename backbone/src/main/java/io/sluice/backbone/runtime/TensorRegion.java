package io.sluice.backbone.runtime;

import io.sluice.backbone.graph.DataType;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of {@link TensorMemory}, and the tensors that view parts of it. Offsets and sizes are in
 * bytes, and are checked. Used by one thread at a time.
 */
public interface TensorRegion extends AutoCloseable {
  long sizeBytes();

  /**
   * The part from {@code offset} on as a tensor: nothing is copied.
   *
   * @return owned by the caller, who closes it before the region
   */
  Tensor tensor(DataType type, long offset, long... shape);

  /** Copies position to limit of {@code values} here; they may be changed right after the call. */
  void write(long offset, ByteBuffer values);

  /** Fills position to limit of {@code into} with what is here, waiting for it to be there. */
  void read(long offset, ByteBuffer into);

  /** Copies from a region of the same memory; the two parts must not overlap. */
  void copy(long offset, TensorRegion from, long fromOffset, long sizeBytes);

  /** Sets all bits to zero. */
  void clear(long offset, long sizeBytes);

  /**
   * A part of a region of the same memory, or zeros.
   *
   * @param from null for zeros
   */
  record Piece(@Nullable TensorRegion from, long fromOffset, long sizeBytes) {}

  /** Copies pieces here, one after the other; a device may do so at once. In whole floats. */
  default void join(long offset, List<Piece> pieces) {
    long at = offset;
    for (Piece piece : pieces) {
      if (piece.from == null) {
        clear(at, piece.sizeBytes);
      } else {
        copy(at, piece.from, piece.fromOffset, piece.sizeBytes);
      }
      at += piece.sizeBytes;
    }
  }

  /** Frees the memory once all that was asked for before has happened. Twice does nothing. */
  @Override
  void close();
}
