package io.sluice.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Memory for the arguments of native calls, used again by the next call of the same thread: an
 * arena for each would cost more than the calls. Thread-safe; what is handed out is the thread's
 * until it asks again.
 */
final class Scratch {
  private final ThreadLocal<MemorySegment> memory;

  Scratch(long sizeBytes) {
    memory = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(sizeBytes, Long.BYTES));
  }

  /** Room that begins anew; of any content. */
  SegmentAllocator begin() {
    return SegmentAllocator.slicingAllocator(memory.get());
  }
}
