package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class TensorDataTest {
  @Test
  void bytes_ofASlice_isThatSliceWithoutACopy() {
    ByteBuffer all = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    all.putFloat(4, 2.5f);
    all.putFloat(8, -1f);

    TensorData tensor = TensorData.bytes(DataType.FLOAT, all.slice(4, 8), 2);

    assertThat(tensor.toFloats()).containsExactly(2.5f, -1f);
    assertThat(tensor.bytes().isReadOnly()).isTrue();
    all.putFloat(4, 3f);
    assertThat(tensor.toFloats()[0]).isEqualTo(3f);
  }

  @Test
  void bytes_view_cannotBeWrittenNorMoved() {
    TensorData tensor = TensorData.longs(new long[] {1, 2}, 2);

    ByteBuffer view = tensor.bytes();
    view.getLong();

    assertThat(tensor.bytes().position()).isZero();
    assertThat(tensor.bytes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThatThrownBy(() -> view.putLong(3)).isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void bytes_wrongLength_isRefused() {
    assertThatThrownBy(() -> TensorData.floats(new float[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bytes: 12 (expected: 16 for FLOAT (2, 2))");
    assertThatThrownBy(() -> TensorData.floats(new float[0], -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TensorData.floats(new float[1], Long.MAX_VALUE, 3))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void equals_sameContent_isEqualAndHashesAlike() {
    TensorData a = TensorData.floats(new float[] {1, 2}, 2);

    assertThat(a)
        .isEqualTo(TensorData.floats(new float[] {1, 2}, 2))
        .hasSameHashCodeAs(TensorData.floats(new float[] {1, 2}, 2));
    assertThat(a)
        .isNotEqualTo(TensorData.floats(new float[] {1, 3}, 2))
        .isNotEqualTo(TensorData.floats(new float[] {1, 2}, 1, 2))
        .isNotEqualTo(TensorData.bytes(DataType.INT32, a.bytes(), 2));
  }

  @Test
  void toFloats_otherFloatingTypes_areConverted() {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.5).flip();
    assertThat(TensorData.bytes(DataType.DOUBLE, data).toFloats()).containsExactly(0.5f);
    ByteBuffer half =
        ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0x3c00).flip();
    assertThat(TensorData.bytes(DataType.FLOAT16, half, 1).toFloats()).containsExactly(1f);
    ByteBuffer brain =
        ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0xc040).flip();
    assertThat(TensorData.bytes(DataType.BFLOAT16, brain, 1).toFloats()).containsExactly(-3f);
    assertThatThrownBy(() -> TensorData.scalar(1L).toFloats())
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void toLongs_integerTypes_areWidened() {
    assertThat(TensorData.bytes(DataType.UINT8, ByteBuffer.wrap(new byte[] {-1, 1}), 2).toLongs())
        .containsExactly(255, 1);
    assertThat(TensorData.bytes(DataType.INT8, ByteBuffer.wrap(new byte[] {-1, 1}), 2).toLongs())
        .containsExactly(-1, 1);
    assertThat(TensorData.bytes(DataType.INT16, ByteBuffer.wrap(new byte[] {-1, -1}), 1).toLongs())
        .containsExactly(-1);
    assertThat(TensorData.bytes(DataType.UINT16, ByteBuffer.wrap(new byte[] {-1, -1}), 1).toLongs())
        .containsExactly(65535);
    assertThat(
            TensorData.bytes(DataType.INT32, ByteBuffer.wrap(new byte[] {-2, -1, -1, -1}), 1)
                .toLongs())
        .containsExactly(-2);
    assertThat(
            TensorData.bytes(DataType.UINT32, ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}), 1)
                .toLongs())
        .containsExactly(4294967295L);
    assertThat(TensorData.bools(new boolean[] {true, false}, 2).toLongs()).containsExactly(1, 0);
    assertThatThrownBy(() -> TensorData.scalar(1f).toLongs())
        .isInstanceOf(IllegalStateException.class);
  }
}
