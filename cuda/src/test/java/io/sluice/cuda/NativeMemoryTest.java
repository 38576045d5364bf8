package io.sluice.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class NativeMemoryTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared().onDeviceMemory();
  private final TensorMemory memory = runtime.memory();

  @Test
  void memory_ofTheProcessor_isNotTheHosts() {
    assertThat(memory.isHost()).isFalse();
    assertThat(OnnxRuntime.whyNoDeviceMemory()).isNull();
    assertThat(runtime.onCpu().memory()).isSameAs(memory);
  }

  @Test
  void region_writtenAndCopied_readsTheSame() {
    try (TensorRegion a = memory.allocate(64);
        TensorRegion b = memory.allocate(64)) {
      a.clear(0, 64);
      a.write(8, bytes(1, 2, 3));
      b.copy(4, a, 8, 12);
      ByteBuffer read = DirectBuffers.bytes(12);
      b.read(4, read);
      assertThat(floats(read)).containsExactly(1, 2, 3);
      ByteBuffer before = DirectBuffers.bytes(8);
      a.read(0, before);
      assertThat(floats(before)).containsExactly(0, 0);
    }
  }

  @Test
  void region_joined_hasThePiecesAndZeros() {
    try (TensorRegion a = memory.allocate(64);
        TensorRegion b = memory.allocate(64)) {
      a.write(0, bytes(1, 2, 3));
      b.write(0, bytes(9, 9, 9, 9, 9, 9));
      b.join(
          4,
          List.of(
              new TensorRegion.Piece(a, 4, 8),
              new TensorRegion.Piece(null, 0, 4),
              new TensorRegion.Piece(a, 0, 4)));
      ByteBuffer read = DirectBuffers.bytes(24);
      b.read(0, read);
      assertThat(floats(read)).containsExactly(9, 2, 3, 0, 1, 9);
    }
  }

  @Test
  void region_writtenPastItsStaging_keepsEveryByte() {
    int floats = 700_000;
    float[] values = new float[floats];
    for (int i = 0; i < floats; i++) {
      values[i] = i;
    }
    try (TensorRegion region = memory.allocate(4L * floats)) {
      for (int start = 0; start < floats; start += 70_000) {
        float[] part = Arrays.copyOfRange(values, start, start + 70_000);
        region.write(4L * start, bytes(part));
      }
      ByteBuffer read = DirectBuffers.bytes(4L * floats);
      region.read(0, read);
      assertThat(floats(read)).isEqualTo(values);
    }
  }

  @Test
  void run_onSlicesOfOneRegion_readsAndWritesInPlace() {
    int handles = runtime.openHandles();
    try (OnnxSession session = runtime.open(sum(), SessionSettings.defaults());
        TensorRegion region = memory.allocate(48)) {
      region.write(0, bytes(1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0));
      try (Tensor x = region.tensor(DataType.FLOAT, 8, 2, 2);
          Tensor y = region.tensor(DataType.FLOAT, 32, 2, 2)) {
        session.run(Map.of("x", x), Map.of("y", y));
        memory.await();
      }
      ByteBuffer read = DirectBuffers.bytes(48);
      region.read(0, read);
      assertThat(floats(read)).containsExactly(1, 2, 3, 4, 5, 6, 0, 0, 13, 14, 15, 16);
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void part_outsideTheRegion_isRefused() {
    try (TensorRegion region = memory.allocate(16)) {
      assertThatThrownBy(() -> region.tensor(DataType.FLOAT, 8, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> region.write(16, bytes(1)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void tensor_shapeThatOnnxRuntimeRefuses_saysWhyEveryTime() {
    OrtTensors tensors = new OrtTensors("Cpu", 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64);
      for (int i = 0; i < 10_000; i++) {
        assertThatThrownBy(() -> tensors.over(memory, DataType.FLOAT, new long[] {-1}))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("CreateTensorWithDataAsOrtValue: ");
      }
    }
  }

  @Test
  void region_closed_isRefused() {
    TensorRegion region = memory.allocate(16);
    region.close();
    region.close();
    assertThatThrownBy(() -> region.write(0, bytes(1))).isInstanceOf(IllegalStateException.class);
  }

  private static Graph sum() {
    GraphBuilder graph = new GraphBuilder("sum", Map.of("", 17L));
    String x = graph.input("x", DataType.FLOAT, "rows", 2L);
    String y = graph.node("Add", x, graph.constant(TensorData.floats(new float[] {10}, 1)));
    graph.outputAs(y, Value.of("y", DataType.FLOAT, "rows", 2L));
    return graph.build();
  }

  private static ByteBuffer bytes(float... values) {
    ByteBuffer bytes = DirectBuffers.bytes(4L * values.length);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private static float[] floats(ByteBuffer bytes) {
    FloatBuffer floats = bytes.rewind().asFloatBuffer();
    float[] values = new float[floats.remaining()];
    floats.get(values);
    return values;
  }
}
