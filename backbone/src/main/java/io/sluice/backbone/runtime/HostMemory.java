package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Shapes;
import java.nio.ByteBuffer;

/** The memory of this process, as direct buffers; at most 2 GiB a region. */
final class HostMemory implements TensorMemory {
  private final OnnxRuntime runtime;

  HostMemory(OnnxRuntime runtime) {
    this.runtime = requireNonNull(runtime, "runtime");
  }

  @Override
  public TensorRegion allocate(long sizeBytes) {
    return new Region(runtime, DirectBuffers.bytes(sizeBytes));
  }

  @Override
  public boolean isHost() {
    return true;
  }

  @Override
  public void await() {
    // Every call has done all it does when it returns.
  }

  /** Freed when nobody reaches it any more, its tensors included. */
  private record Region(OnnxRuntime runtime, ByteBuffer memory) implements TensorRegion {
    @Override
    public long sizeBytes() {
      return memory.capacity();
    }

    @Override
    public Tensor tensor(DataType type, long offset, long... shape) {
      long sizeBytes = Math.multiplyExact(Shapes.elements(shape), (long) type.sizeBytes());
      ByteBuffer part =
          memory.slice(Math.toIntExact(offset), Math.toIntExact(sizeBytes)).order(memory.order());
      return HostTensor.over(runtime, type, part, shape);
    }

    @Override
    public void write(long offset, ByteBuffer values) {
      memory.put(Math.toIntExact(offset), values, values.position(), values.remaining());
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      into.put(into.position(), memory, Math.toIntExact(offset), into.remaining());
    }

    @Override
    public void copy(long offset, TensorRegion from, long fromOffset, long sizeBytes) {
      memory.put(
          Math.toIntExact(offset),
          ((Region) from).memory,
          Math.toIntExact(fromOffset),
          Math.toIntExact(sizeBytes));
    }

    @Override
    public void clear(long offset, long sizeBytes) {
      int from = Math.toIntExact(offset);
      int end = Math.toIntExact(offset + sizeBytes);
      int at = from;
      for (; at + Long.BYTES <= end; at += Long.BYTES) {
        memory.putLong(at, 0);
      }
      for (; at < end; at++) {
        memory.put(at, (byte) 0);
      }
    }

    @Override
    public void close() {
      // The collector frees it.
    }
  }
}
