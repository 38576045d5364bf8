package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Memory of the engine where there is not enough of it, as on a device. */
class ArenasTest {
  private static final int WIDTH = 4;

  private final Scarce memory = new Scarce(OnnxRuntime.shared().memory(), 4096);

  @Test
  void floats_noRoomForMore_goOnWithLess() {
    try (FloatArena arena = new FloatArena(memory, WIDTH)) {
      arena.reserve(2, 8);
      assertThatThrownBy(() -> arena.reserve(64, 64)).isInstanceOf(SluiceException.class);

      arena.reserve(2, 8);
      arena.setRow(1, 8, new float[] {1, 2, 3, 4});
      assertThat(arena.row(1, 8, 1)).containsExactly(1, 2, 3, 4);
    }
    assertThat(memory.open).as("bytes that nobody freed").isZero();
  }

  @Test
  void tokens_noRoomForMore_goOnWithLess() {
    try (TokenArena arena = new TokenArena(memory)) {
      arena.reserve(2, 8);
      assertThatThrownBy(() -> arena.reserve(64, 64)).isInstanceOf(SluiceException.class);

      arena.reserve(2, 8);
      arena.setRow(1, 8, new long[] {5}, 0);
      arena.flush(2, 8);
      arena.view(1, 1, 8).close();
    }
    assertThat(memory.open).as("bytes that nobody freed").isZero();
  }

  @Test
  void context_noRoomForMore_goesOnWithLess() {
    Value mask = Value.of("mask", DataType.FLOAT, "batch", "seq");
    try (ContextArena arena = new ContextArena(memory, mask)) {
      arena.size(2, 8);
      assertThatThrownBy(() -> arena.size(64, 64)).isInstanceOf(SluiceException.class);

      arena.size(2, 8);
    }
    assertThat(memory.open).as("bytes that nobody freed").isZero();
  }

  /** So many bytes and no more; what is freed is not touched again. */
  private static final class Scarce implements TensorMemory {
    private final TensorMemory host;
    private final long most;
    private long open;

    Scarce(TensorMemory host, long most) {
      this.host = host;
      this.most = most;
    }

    @Override
    public TensorRegion allocate(long sizeBytes) {
      if (open + sizeBytes > most) {
        throw new SluiceException(ErrorCode.RESOURCE_EXHAUSTED, "memory: none left");
      }
      open += sizeBytes;
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
      private boolean closed;

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
          open -= region.sizeBytes();
          region.close();
        }
      }
    }
  }
}
