package io.sluice.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The little that is asked of a device: memory, and copies in the order they are asked for.
 * Thread-safe.
 */
interface Hardware extends AutoCloseable {
  /** What ONNX Runtime calls memory of its kind. */
  String name();

  /** Which of its kind. */
  int number();

  /** The handle of the stream on which all happens; 0 where all happens at once. */
  long stream();

  /** The boundary, in bytes, on which parts should begin. */
  int alignment();

  MemorySegment allocate(long sizeBytes);

  /** Frees it once all that was asked for before has happened. */
  void free(MemorySegment memory);

  /** Memory of the host from which and to which the device copies by itself. */
  MemorySegment allocateStaging(long sizeBytes);

  void freeStaging(MemorySegment memory);

  /** From staging memory to the device. */
  void toDevice(MemorySegment to, MemorySegment from);

  /** From the device to staging memory, where it is to be seen after {@link #await}. */
  void toHost(MemorySegment to, MemorySegment from);

  void copy(MemorySegment to, MemorySegment from);

  void clear(MemorySegment memory);

  /**
   * Copies parts one after the other.
   *
   * @param from of whole floats; zeros where the address is null
   */
  default void join(MemorySegment to, List<MemorySegment> from) {
    long at = 0;
    for (MemorySegment part : from) {
      MemorySegment place = to.asSlice(at, part.byteSize());
      if (part.address() == 0) {
        clear(place);
      } else {
        copy(place, part);
      }
      at += part.byteSize();
    }
  }

  /** Waits until all that was asked for has happened. */
  void await();

  long freeBytes();

  long totalBytes();

  @Override
  void close();
}
