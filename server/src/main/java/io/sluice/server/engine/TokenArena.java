package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.LongBuffer;

/**
 * Direct memory for one of the backbone's inputs, int64 (rows, seq), that grows and never shrinks.
 * Confined to the engine thread.
 */
final class TokenArena {
  private final OnnxRuntime runtime;
  private LongBuffer memory;

  TokenArena(OnnxRuntime runtime) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.memory = DirectBuffers.longs(0);
  }

  /** Writes {@code values} and then {@code padding} up to {@code seq} as row {@code row}. */
  void setRow(int row, int seq, long[] values, long padding) {
    int start = row * seq;
    memory.put(start, values);
    for (int i = values.length; i < seq; i++) {
      memory.put(start + i, padding);
    }
  }

  /** Writes {@code length} ones and then zeros up to {@code seq} as row {@code row}. */
  void setMaskRow(int row, int seq, int length) {
    int start = row * seq;
    for (int i = 0; i < seq; i++) {
      memory.put(start + i, i < length ? 1 : 0);
    }
  }

  void reserve(int rows, int seq) {
    long longs = (long) rows * seq;
    if (longs > memory.capacity()) {
      memory = DirectBuffers.longs(Math.max(longs, 2L * memory.capacity()));
    }
  }

  /** Rows {@code start} up to {@code start + rows}, shape (rows, seq). Owned by the caller. */
  HostTensor view(int start, int rows, int seq) {
    return HostTensor.longs(runtime, memory.slice(start * seq, rows * seq), rows, seq);
  }
}
