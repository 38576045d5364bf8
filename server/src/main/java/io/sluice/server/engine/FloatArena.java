package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Memory for activations that grows and never shrinks, with the tensors that view parts of it. Rows
 * lie one after another, each of (seq, width) floats. Confined to one engine thread.
 *
 * <p>A tensor on memory costs a few microseconds to make, so the latest views are kept.
 */
final class FloatArena implements AutoCloseable {
  private static final int KEPT_VIEWS = 64;

  private record View(int start, int rows, int seq) {}

  private final TensorMemory memory;
  private final int width;
  private TensorRegion region;
  private ByteBuffer passage = DirectBuffers.bytes(0);
  private final Map<View, Tensor> views = new LinkedHashMap<>(16, 0.75f, true);

  FloatArena(TensorMemory memory, int width) {
    this.memory = requireNonNull(memory, "memory");
    this.width = width;
    this.region = memory.allocate(0);
  }

  /** Makes room for {@code rows} of {@code seq}; if that takes more memory, the content is lost. */
  void reserve(int rows, int seq) {
    long bytes = bytes(rows, seq);
    if (bytes > region.sizeBytes()) {
      long grown = Math.max(bytes, 2 * region.sizeBytes());
      closeViews();
      region.close();
      // If there is no memory for more, none is left, and not what is freed.
      region = memory.allocate(0);
      region = memory.allocate(grown);
    }
  }

  /**
   * Rows {@code start} up to {@code start + rows}, shape (rows, seq, width). Owned by the arena.
   */
  Tensor view(int start, int rows, int seq) {
    View key = new View(start, rows, seq);
    Tensor known = views.get(key);
    return known != null ? known : keep(key, bytes(start, seq), rows, seq, width);
  }

  /**
   * Floats {@code start} and behind, shape (rows, columns), of an arena of width 1. Owned by the
   * arena.
   */
  Tensor matrix(int start, int rows, int columns) {
    View key = new View(start, rows, columns);
    Tensor known = views.get(key);
    return known != null ? known : keep(key, bytes(start, 1), rows, columns);
  }

  /** Copies {@code rows} rows of {@code from}, from {@code start} on, into the same rows here. */
  void copyRows(FloatArena from, int start, int rows, int seq) {
    if (rows > 0) {
      region.copy(bytes(start, seq), from.region, bytes(start, seq), bytes(rows, seq));
    }
  }

  /** Sets row i to row {@code sources[i]} of {@code from}. */
  void gather(FloatArena from, int[] sources, int seq) {
    // Neighbours that stay neighbours are one copy.
    int row = 0;
    while (row < sources.length) {
      int end = row + 1;
      while (end < sources.length && sources[end] == sources[end - 1] + 1) {
        end++;
      }
      region.copy(bytes(row, seq), from.region, bytes(sources[row], seq), bytes(end - row, seq));
      row = end;
    }
  }

  /** A copy of the first {@code tokens} of a row, shape (tokens, width). */
  float[] row(int row, int seq, int tokens) {
    float[] values = new float[tokens * width];
    ByteBuffer part = passage(values.length);
    region.read(bytes(row, seq), part);
    part.rewind().asFloatBuffer().get(values);
    return values;
  }

  /** Sets the first tokens of a row to {@code values}, and those behind them to zero. */
  void setRow(int row, int seq, float[] values) {
    ByteBuffer part = passage(values.length);
    part.asFloatBuffer().put(values);
    region.write(bytes(row, seq), part);
    long bytes = (long) Float.BYTES * values.length;
    if (bytes < bytes(1, seq)) {
      region.clear(bytes(row, seq) + bytes, bytes(1, seq) - bytes);
    }
  }

  /** Sets row {@code row} to row {@code source} of {@code from}. */
  void setRow(int row, int seq, FloatArena from, int source) {
    region.copy(bytes(row, seq), from.region, bytes(source, seq), bytes(1, seq));
  }

  /** Sets the first floats from bytes. */
  void write(ByteBuffer values) {
    region.write(0, values);
  }

  /** Fills {@code into} with the first floats, waiting for them to be there. */
  void read(ByteBuffer into) {
    region.read(0, into);
  }

  /** Frees all. */
  @Override
  public void close() {
    closeViews();
    region.close();
  }

  private long bytes(int rows, int seq) {
    return (long) Float.BYTES * rows * seq * width;
  }

  /** Memory through which values of a row go in and out. */
  private ByteBuffer passage(int floats) {
    int bytes = Float.BYTES * floats;
    if (bytes > passage.capacity()) {
      passage = DirectBuffers.bytes(bytes);
    }
    return passage.slice(0, bytes).order(passage.order());
  }

  private void closeViews() {
    views.values().forEach(Tensor::close);
    views.clear();
  }

  private Tensor keep(View key, long offset, long... shape) {
    if (views.size() >= KEPT_VIEWS) {
      Iterator<Tensor> eldest = views.values().iterator();
      eldest.next().close();
      eldest.remove();
    }
    Tensor fresh = region.tensor(DataType.FLOAT, offset, shape);
    views.put(key, fresh);
    return fresh;
  }
}
