package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;

/** The processor and its memory. */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class HostHardware implements Hardware {
  private static final int ALIGNMENT = 64;

  private final MethodHandle allocate;
  private final MethodHandle free;

  HostHardware() {
    Linker linker = Linker.nativeLinker();
    allocate =
        linker.downcallHandle(
            linker.defaultLookup().find("aligned_alloc").orElseThrow(),
            FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG));
    free =
        linker.downcallHandle(
            linker.defaultLookup().find("free").orElseThrow(), FunctionDescriptor.ofVoid(ADDRESS));
  }

  @Override
  public String name() {
    return "Cpu";
  }

  @Override
  public int number() {
    return 0;
  }

  @Override
  public long stream() {
    return 0;
  }

  @Override
  public int alignment() {
    return ALIGNMENT;
  }

  @Override
  public MemorySegment allocate(long sizeBytes) {
    long whole = (sizeBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    try {
      MemorySegment memory = (MemorySegment) allocate.invokeExact((long) ALIGNMENT, whole);
      if (memory.address() == 0) {
        throw new OutOfMemoryError("aligned_alloc: " + whole + " bytes");
      }
      return memory.reinterpret(sizeBytes);
    } catch (Throwable e) {
      throw Calls.failed("aligned_alloc", e);
    }
  }

  @Override
  public void free(MemorySegment memory) {
    try {
      free.invokeExact(memory);
    } catch (Throwable e) {
      throw Calls.failed("free", e);
    }
  }

  @Override
  public MemorySegment allocateStaging(long sizeBytes) {
    return allocate(sizeBytes);
  }

  @Override
  public void freeStaging(MemorySegment memory) {
    free(memory);
  }

  @Override
  public void toDevice(MemorySegment to, MemorySegment from) {
    to.copyFrom(from);
  }

  @Override
  public void toHost(MemorySegment to, MemorySegment from) {
    to.copyFrom(from);
  }

  @Override
  public void copy(MemorySegment to, MemorySegment from) {
    to.copyFrom(from);
  }

  @Override
  public void clear(MemorySegment memory) {
    memory.fill((byte) 0);
  }

  @Override
  public void await() {
    // Every call has done all it does when it returns.
  }

  @Override
  public long freeBytes() {
    return machine().getFreeMemorySize();
  }

  @Override
  public long totalBytes() {
    return machine().getTotalMemorySize();
  }

  @Override
  public void close() {
    // Nothing of its own.
  }

  private static OperatingSystemMXBean machine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }
}
