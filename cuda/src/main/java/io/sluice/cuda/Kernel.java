package io.sluice.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What one operator computes: float32 tensors in, one of the first one's shape out. Thread-safe.
 *
 * @param name of the operator
 * @param inputs how many it takes
 * @param launch its computation
 */
record Kernel(String name, int inputs, Launch launch) {
  /** A computation that is asked for, and has perhaps not happened when the call returns. */
  interface Launch {
    /**
     * Asks for it.
     *
     * @param inputs where they lie; none is empty
     * @param shape of the first input and the output
     * @param output where that goes
     * @param stream in whose order it happens; null on the processor
     */
    void on(List<MemorySegment> inputs, long[] shape, MemorySegment output, MemorySegment stream)
        throws Throwable;
  }
}
