package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What one operator computes: float32 tensors in, float32 tensors out. Thread-safe.
 *
 * @param name of the operator
 * @param inputs how many it takes; {@link #ANY} of them perhaps
 * @param outputs how many it makes; {@link #ANY} of them perhaps
 * @param shaped of how many inputs the shapes are asked for
 * @param onHost the input that lies in the memory of the host, -1 for none
 * @param shapes of what it makes
 * @param launch its computation
 */
record Kernel(
    String name, int inputs, int outputs, int shaped, int onHost, Shapes shapes, Launch launch) {
  /** As many as a graph has them take or make. */
  static final int ANY = 0;

  /** The shapes of outputs by those of inputs. */
  interface Shapes {
    /**
     * One for each output.
     *
     * @param inputs shapes of the inputs that are asked for
     * @param data where they lie, most of them on the device
     */
    List<long[]> of(List<long[]> inputs, List<MemorySegment> data);
  }

  /** A tensor, its mean and deviation by rows, and another: of the first input's shape. */
  static final Shapes NORM =
      (inputs, data) -> {
        long[] whole = inputs.get(0);
        long[] row = whole.clone();
        row[row.length - 1] = 1;
        return List.of(whole, row, row, whole);
      };

  /** As long as the first input's last axis. */
  static final Shapes LAST_AXIS =
      (inputs, data) -> List.of(new long[] {inputs.get(0)[inputs.get(0).length - 1]});

  /**
   * Heads (batch, heads, seq, size), twice, and (batch, heads, size, seq), of what lies side by
   * side, (batch, seq, 3 heads size), and a bias (3, heads, size).
   */
  static final Shapes HEADS =
      (inputs, data) -> {
        long batch = inputs.get(0)[0];
        long seq = inputs.get(0)[1];
        long heads = inputs.get(1)[1];
        long size = inputs.get(1)[2];
        long[] straight = {batch, heads, seq, size};
        return List.of(straight, straight, new long[] {batch, heads, size, seq});
      };

  /** The other way round. */
  static final Shapes SIDE_BY_SIDE =
      (inputs, data) -> {
        long[] heads = inputs.get(0);
        return List.of(new long[] {heads[0], heads[2], 3 * heads[1] * heads[3]});
      };

  /** A computation that is asked for, and has perhaps not happened when the call returns. */
  interface Launch {
    /**
     * Asks for it.
     *
     * @param inputs where they lie; the first is not empty
     * @param shapes of the inputs, or of the first of them
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
    this(name, inputs, 1, 1, (shapes, data) -> List.of(shapes.get(0)), launch);
  }

  /** One that takes and makes so many, all of them on the device. */
  Kernel(String name, int inputs, int outputs, int shaped, Shapes shapes, Launch launch) {
    this(name, inputs, outputs, shaped, -1, shapes, launch);
  }

  /** Takes a flat tensor apart, into pieces of the shapes in a table of ranks and axes. */
  static Kernel splitPieces(Launch launch) {
    return new Kernel("SplitPieces", 2, ANY, 2, 1, Kernel::pieces, launch);
  }

  /** Puts pieces one after the other. */
  static Kernel joinPieces(Launch launch) {
    Shapes sum =
        (inputs, data) ->
            List.of(new long[] {inputs.stream().mapToLong(OrtKernelCalls::elements).sum()});
    return new Kernel("JoinPieces", ANY, 1, Integer.MAX_VALUE, sum, launch);
  }

  /** The shapes in the table that is the second input. */
  @SuppressWarnings("restricted") // memory of ONNX Runtime
  static List<long[]> pieces(List<long[]> inputs, List<MemorySegment> data) {
    long count = inputs.get(1)[0];
    MemorySegment table = data.get(1).reinterpret(count * Float.BYTES);
    List<long[]> shapes = new ArrayList<>();
    for (long at = 0; at < count; ) {
      long[] shape = new long[(int) table.getAtIndex(JAVA_FLOAT, at++)];
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = (long) table.getAtIndex(JAVA_FLOAT, at++);
      }
      shapes.add(shape);
    }
    return shapes;
  }
}
