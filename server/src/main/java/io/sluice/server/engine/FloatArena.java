package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Direct memory for activations that grows and never shrinks, with the tensors that view parts of
 * it. Rows lie one after another, each of (seq, width) floats. Confined to the engine thread.
 *
 * <p>A tensor on memory costs a few microseconds to make, so the latest views are kept.
 */
final class FloatArena implements AutoCloseable {
  private static final int KEPT_VIEWS = 64;

  private record View(int start, int rows, int seq) {}

  private final OnnxRuntime runtime;
  private final int width;
  private FloatBuffer memory;
  private final Map<View, HostTensor> views = new LinkedHashMap<>(16, 0.75f, true);

  FloatArena(OnnxRuntime runtime, int width) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.width = width;
    this.memory = DirectBuffers.floats(0);
  }

  /** Makes room for {@code rows} of {@code seq}; if that takes more memory, the content is lost. */
  void reserve(int rows, int seq) {
    long floats = (long) rows * seq * width;
    if (floats > memory.capacity()) {
      close();
      memory = DirectBuffers.floats(Math.max(floats, 2L * memory.capacity()));
    }
  }

  /**
   * Rows {@code start} up to {@code start + rows}, shape (rows, seq, width). Owned by the arena.
   */
  HostTensor view(int start, int rows, int seq) {
    View key = new View(start, rows, seq);
    HostTensor known = views.get(key);
    return known != null ? known : keep(key, part(start, rows, seq), rows, seq, width);
  }

  /** The first floats, shape (rows, columns), of an arena of width 1. Owned by the arena. */
  HostTensor matrix(int rows, int columns) {
    View key = new View(0, rows, columns);
    HostTensor known = views.get(key);
    return known != null ? known : keep(key, part(0, rows, columns), rows, columns);
  }

  /** Copies {@code rows} rows of {@code from}, from {@code start} on, into the same rows here. */
  void copyRows(FloatArena from, int start, int rows, int seq) {
    int rowFloats = seq * width;
    memory.put(start * rowFloats, from.memory, start * rowFloats, rows * rowFloats);
  }

  /** Sets row i to row {@code sources[i]} of {@code from}. */
  void gather(FloatArena from, int[] sources, int seq) {
    int rowFloats = seq * width;
    for (int row = 0; row < sources.length; row++) {
      memory.put(row * rowFloats, from.memory, sources[row] * rowFloats, rowFloats);
    }
  }

  /** A copy of the first {@code tokens} of a row, shape (tokens, width). */
  float[] row(int row, int seq, int tokens) {
    float[] values = new float[tokens * width];
    memory.get(row * seq * width, values);
    return values;
  }

  /** Sets the first tokens of a row to {@code values}, and those behind them to zero. */
  void setRow(int row, int seq, float[] values) {
    int start = row * seq * width;
    memory.put(start, values);
    for (int i = values.length; i < seq * width; i++) {
      memory.put(start + i, 0);
    }
  }

  /** Sets row {@code row} to row {@code source} of {@code from}. */
  void setRow(int row, int seq, FloatArena from, int source) {
    int rowFloats = seq * width;
    memory.put(row * rowFloats, from.memory, source * rowFloats, rowFloats);
  }

  /** Sets the first floats from {@code values}. */
  void set(FloatBuffer values) {
    memory.put(0, values, 0, values.limit());
  }

  /** Copies {@code length} floats from {@code offset} on to {@code into[start]} and behind. */
  void get(int offset, float[] into, int start, int length) {
    memory.get(offset, into, start, length);
  }

  /** Closes the views; the arena can be used again. */
  @Override
  public void close() {
    views.values().forEach(HostTensor::close);
    views.clear();
  }

  private FloatBuffer part(int start, int rows, int seq) {
    int rowFloats = seq * width;
    return memory.slice(start * rowFloats, rows * rowFloats);
  }

  private HostTensor keep(View key, FloatBuffer part, long... shape) {
    if (views.size() >= KEPT_VIEWS) {
      Iterator<HostTensor> eldest = views.values().iterator();
      eldest.next().close();
      eldest.remove();
    }
    HostTensor fresh = HostTensor.floats(runtime, part, shape);
    views.put(key, fresh);
    return fresh;
  }
}
