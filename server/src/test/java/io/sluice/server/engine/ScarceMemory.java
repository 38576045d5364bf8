package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** So many bytes and no more; what is freed is not touched again. Thread-safe. */
final class ScarceMemory implements TensorMemory {
  private final TensorMemory host;
  private final long most;
  private final AtomicLong open = new AtomicLong();

  ScarceMemory(TensorMemory host, long most) {
    this.host = host;
    this.most = most;
  }

  /** Bytes that nobody has freed. */
  long openBytes() {
    return open.get();
  }

  @Override
  public TensorRegion allocate(long sizeBytes) {
    if (open.addAndGet(sizeBytes) > most) {
      open.addAndGet(-sizeBytes);
      throw new SluiceException(ErrorCode.RESOURCE_EXHAUSTED, "memory: none left");
    }
    return new Counted(host.allocate(sizeBytes));
  }

  @Override
  public boolean isHost() {
    return host.isHost();
  }

  @Override
  public void await() {}

  private final class Counted implements TensorRegion {
    private final TensorRegion region;
    private volatile boolean closed;

    Counted(TensorRegion region) {
      this.region = region;
    }

    private TensorRegion open() {
      assertThat(closed).as("freed").isFalse();
      return region;
    }

    @Override
    public long sizeBytes() {
      return region.sizeBytes();
    }

    @Override
    public Tensor tensor(DataType type, long offset, long... shape) {
      return open().tensor(type, offset, shape);
    }

    @Override
    public void write(long offset, ByteBuffer values) {
      open().write(offset, values);
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      open().read(offset, into);
    }

    @Override
    public void copy(long offset, TensorRegion from, long fromOffset, long sizeBytes) {
      open().copy(offset, ((Counted) from).open(), fromOffset, sizeBytes);
    }

    @Override
    public void clear(long offset, long sizeBytes) {
      open().clear(offset, sizeBytes);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.addAndGet(-region.sizeBytes());
        region.close();
      }
    }
  }
}
