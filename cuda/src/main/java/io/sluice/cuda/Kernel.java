package io.sluice.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What one operator computes: float32 tensors in, float32 tensors out. Thread-safe.
 *
 * @param name of the operator
 * @param inputs how many it takes
 * @param outputs how many it makes
 * @param shapes of what it makes
 * @param launch its computation
 */
record Kernel(String name, int inputs, int outputs, Shapes shapes, Launch launch) {
  /** The shapes of outputs by those of inputs. */
  interface Shapes {
    /** One for each output. */
    List<long[]> of(List<long[]> inputs);
  }

  /** A tensor, its mean and deviation by rows, and another: of the first input's shape. */
  static final Shapes NORM =
      inputs -> {
        long[] whole = inputs.get(0);
        long[] row = whole.clone();
        row[row.length - 1] = 1;
        return List.of(whole, row, row, whole);
      };

  /** As long as the first input's last axis. */
  static final Shapes LAST_AXIS =
      inputs -> List.of(new long[] {inputs.get(0)[inputs.get(0).length - 1]});

  /**
   * Heads (batch, heads, seq, size), twice, and (batch, heads, size, seq), of what lies side by
   * side, (batch, seq, 3 heads size), and a bias (3, heads, size).
   */
  static final Shapes HEADS =
      inputs -> {
        long batch = inputs.get(0)[0];
        long seq = inputs.get(0)[1];
        long heads = inputs.get(1)[1];
        long size = inputs.get(1)[2];
        long[] straight = {batch, heads, seq, size};
        return List.of(straight, straight, new long[] {batch, heads, size, seq});
      };

  /** The other way round. */
  static final Shapes SIDE_BY_SIDE =
      inputs -> {
        long[] heads = inputs.get(0);
        return List.of(new long[] {heads[0], heads[2], 3 * heads[1] * heads[3]});
      };

  /** A computation that is asked for, and has perhaps not happened when the call returns. */
  interface Launch {
    /**
     * Asks for it.
     *
     * @param inputs where they lie; the first is not empty
     * @param shapes of the inputs
     * @param outputs where they go
     * @param stream in whose order it happens; null on the processor
     */
    void on(
        List<MemorySegment> inputs,
        List<long[]> shapes,
        List<MemorySegment> outputs,
        MemorySegment stream)
        throws Throwable;
  }

  /** One that makes one tensor of the first input's shape. */
  Kernel(String name, int inputs, Launch launch) {
    this(name, inputs, 1, shapes -> List.of(shapes.get(0)), launch);
  }
}
