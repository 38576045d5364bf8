package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import org.junit.jupiter.api.Test;

/** Memory of the engine where there is not enough of it, as on a device. */
class ArenasTest {
  private static final int WIDTH = 4;

  private final ScarceMemory memory = new ScarceMemory(OnnxRuntime.shared().memory(), 4096);

  @Test
  void floats_noRoomForMore_goOnWithLess() {
    try (FloatArena arena = new FloatArena(memory, WIDTH)) {
      arena.reserve(2, 8);
      assertThatThrownBy(() -> arena.reserve(64, 64)).isInstanceOf(SluiceException.class);

      arena.reserve(2, 8);
      arena.setRow(1, 8, new float[] {1, 2, 3, 4});
      assertThat(arena.row(1, 8, 1)).containsExactly(1, 2, 3, 4);
    }
    assertThat(memory.openBytes()).as("bytes that nobody freed").isZero();
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
    assertThat(memory.openBytes()).as("bytes that nobody freed").isZero();
  }

  @Test
  void context_noRoomForMore_goesOnWithLess() {
    Value mask = Value.of("mask", DataType.FLOAT, "batch", "seq");
    try (ContextArena arena = new ContextArena(memory, mask)) {
      arena.size(2, 8);
      assertThatThrownBy(() -> arena.size(64, 64)).isInstanceOf(SluiceException.class);

      arena.size(2, 8);
    }
    assertThat(memory.openBytes()).as("bytes that nobody freed").isZero();
  }
}
