package io.sluice.cuda;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.runtime.DeviceTensor;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorRegion;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A piece of {@link NativeMemory}. */
@SuppressWarnings("restricted") // sizes of native memory
final class NativeRegion implements TensorRegion {
  private final NativeMemory memory;
  private final MemorySegment segment;
  private final AtomicBoolean closed = new AtomicBoolean();

  NativeRegion(NativeMemory memory, MemorySegment segment) {
    this.memory = memory;
    this.segment = segment;
  }

  @Override
  public long sizeBytes() {
    return segment.byteSize();
  }

  @Override
  public Tensor tensor(DataType type, long offset, long... shape) {
    long sizeBytes = type.sizeBytes();
    for (long size : shape) {
      sizeBytes = Math.multiplyExact(sizeBytes, size);
    }
    return new DeviceTensor(
        memory.runtime(), memory.tensors().over(part(offset, sizeBytes), type, shape), type, shape);
  }

  @Override
  public void write(long offset, ByteBuffer values) {
    memory.write(part(offset, values.remaining()), values);
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    memory.read(part(offset, into.remaining()), into);
  }

  @Override
  public void copy(long offset, TensorRegion from, long fromOffset, long sizeBytes) {
    memory
        .hardware()
        .copy(part(offset, sizeBytes), ((NativeRegion) from).part(fromOffset, sizeBytes));
  }

  @Override
  public void join(long offset, List<Piece> pieces) {
    List<MemorySegment> parts = new ArrayList<>(pieces.size());
    long size = 0;
    for (Piece piece : pieces) {
      parts.add(
          piece.from() == null
              ? MemorySegment.NULL.reinterpret(piece.sizeBytes())
              : ((NativeRegion) piece.from()).part(piece.fromOffset(), piece.sizeBytes()));
      size += piece.sizeBytes();
    }
    memory.hardware().join(part(offset, size), parts);
  }

  @Override
  public void clear(long offset, long sizeBytes) {
    memory.hardware().clear(part(offset, sizeBytes));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      memory.hardware().free(segment);
    }
  }

  private MemorySegment part(long offset, long sizeBytes) {
    if (closed.get()) {
      throw new IllegalStateException("region: closed (expected: open)");
    }
    return segment.asSlice(offset, sizeBytes);
  }
}
