package io.sluice.cuda;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.TensorRegion;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The memory of one device, with a piece of host memory through which values go in and out. */
final class NativeMemory implements DeviceMemory {
  private static final long FIRST_STAGING_BYTES = 1 << 20;

  private final OnnxRuntime runtime;
  private final OrtTensors tensors;
  private final Hardware hardware;
  private MemorySegment staging = MemorySegment.NULL;

  /** Where the part of the staging memory begins that no copy under way reads. */
  private long stagingUsed;

  NativeMemory(OnnxRuntime runtime, OrtTensors tensors, Hardware hardware) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.tensors = requireNonNull(tensors, "tensors");
    this.hardware = requireNonNull(hardware, "hardware");
  }

  @Override
  public TensorRegion allocate(long sizeBytes) {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("sizeBytes: " + sizeBytes + " (expected: 0 or more)");
    }
    return new NativeRegion(this, hardware.allocate(sizeBytes));
  }

  @Override
  public boolean isHost() {
    return false;
  }

  @Override
  public synchronized void await() {
    hardware.await();
    stagingUsed = 0;
  }

  @Override
  public int alignment() {
    return hardware.alignment();
  }

  @Override
  public long stream() {
    return hardware.stream();
  }

  @Override
  public long freeBytes() {
    return hardware.freeBytes();
  }

  @Override
  public long totalBytes() {
    return hardware.totalBytes();
  }

  @Override
  public synchronized void close() {
    hardware.await();
    if (staging.address() != 0) {
      hardware.freeStaging(staging);
      staging = MemorySegment.NULL;
    }
    hardware.close();
  }

  OnnxRuntime runtime() {
    return runtime;
  }

  OrtTensors tensors() {
    return tensors;
  }

  Hardware hardware() {
    return hardware;
  }

  synchronized void write(MemorySegment to, ByteBuffer values) {
    MemorySegment place = staged(to.byteSize());
    place.copyFrom(MemorySegment.ofBuffer(values));
    hardware.toDevice(to, place);
  }

  synchronized void read(MemorySegment from, ByteBuffer into) {
    MemorySegment place = staged(from.byteSize());
    hardware.toHost(place, from);
    await();
    MemorySegment.ofBuffer(into).copyFrom(place);
  }

  /** Staging memory that nothing reads or writes; taken until the next {@link #await}. */
  private MemorySegment staged(long sizeBytes) {
    if (stagingUsed + sizeBytes > staging.byteSize()) {
      await();
      if (sizeBytes > staging.byteSize()) {
        if (staging.address() != 0) {
          hardware.freeStaging(staging);
        }
        staging = MemorySegment.NULL;
        staging = hardware.allocateStaging(Math.max(FIRST_STAGING_BYTES, 2 * sizeBytes));
      }
    }
    MemorySegment place = staging.asSlice(stagingUsed, sizeBytes);
    long unit = hardware.alignment();
    stagingUsed += (sizeBytes + unit - 1) / unit * unit;
    return place;
  }
}
