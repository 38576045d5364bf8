package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** On the processor's memory, which is asked in the same way. */
@NullMarked
class DeviceRowsTest {
  private static final int FLOATS = (40 << 20) / Float.BYTES;
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final EncodedRows rows =
      new EncodedRows(List.of(encoding(1), encoding(2), encoding(3)), new int[] {0, 0, 0});

  @Test
  void keep_pastTheLimit_refusesWhatFindsNoRoom() {
    try (DeviceRows kept = new DeviceRows(runtime.memory(), false, 100L << 20)) {
      assertThat(kept.keep(rows, 0, floats(FLOATS, 1))).isTrue();
      assertThat(kept.full()).isFalse();
      assertThat(kept.keep(rows, 1, floats(FLOATS, 2))).isFalse();
      assertThat(kept.full()).isTrue();
      assertThat(kept.keep(rows, 2, floats(4, 3))).isTrue();
      assertThat(kept.keep(rows, 0, floats(FLOATS, 4))).isTrue();
      assertThat(kept.has(rows, 0)).isTrue();
      assertThat(kept.has(rows, 1)).isFalse();
      assertThat(kept.bytes()).isEqualTo(64L << 20);
    }
  }

  @Test
  void tensor_ofRowsHereAndNotHere_holdsThemAndZeros() {
    try (DeviceRows kept = new DeviceRows(runtime.memory(), false, 1L << 30)) {
      kept.keep(rows, 0, floats(2, 1));
      kept.keep(rows, 1, floats(4, 2));
      for (int times = 0; times < 2; times++) {
        kept.begin(48);
        kept.place(0, rows, 1);
        kept.place(16, rows, 0);
        kept.clear(24, 8);
        kept.place(32, floats(4, 3));
        try (HostTensor tensor = (HostTensor) kept.tensor(3, 2, 2)) {
          assertThat(tensor.toData().toFloats())
              .containsExactly(2, 2, 2, 2, 1, 1, 0, 0, 3, 3, 3, 3);
        }
      }
    }
  }

  @Test
  void tensor_joined_holdsRowsAndZeros() {
    try (DeviceRows kept = new DeviceRows(runtime.memory(), false, 1L << 30)) {
      kept.keep(rows, 0, floats(2, 1));
      kept.keep(rows, 1, floats(4, 2));
      for (int times = 0; times < 2; times++) {
        kept.begin(32);
        kept.join(rows, new int[] {1, 0}, 16);
        try (HostTensor tensor = (HostTensor) kept.tensor(2, 2, 2)) {
          assertThat(tensor.toData().toFloats()).containsExactly(2, 2, 2, 2, 1, 1, 0, 0);
        }
      }
    }
  }

  @Test
  void of_aProcessor_areNone() {
    assertThat(DeviceRows.of(runtime, true)).isNull();
  }

  private static Encoding encoding(int tokens) {
    return new Encoding(new long[tokens], new long[tokens], false);
  }

  private static ByteBuffer floats(int count, float value) {
    ByteBuffer bytes = DirectBuffers.bytes(4L * count);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(4 * i, value);
    }
    return bytes;
  }
}
