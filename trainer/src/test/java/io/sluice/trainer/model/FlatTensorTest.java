package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class FlatTensorTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @Test
  void put_tableInTheMiddle_sendsAllButIt() {
    try (FlatTensor tensor = new FlatTensor(runtime, 7, new WordTable(2, 2, 1))) {
      tensor.put(new float[] {0, 1, 2, 3, 4, 5, 6});
      assertThat(tensor.tensor().toData().toFloats()).containsExactly(0, 1, 4, 5, 6);
      float[] into = {9, 9, 9, 9, 9, 9, 9};
      tensor.get(into);
      assertThat(into).containsExactly(0, 1, 9, 9, 4, 5, 6);
    }
  }

  @Test
  void putAndGet_longArray_isTheSameArray() {
    float[] values = new float[1_300_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    float[] into = new float[values.length];
    try (FlatTensor tensor = new FlatTensor(runtime, values.length, WordTable.NONE)) {
      tensor.put(values);
      FloatBuffer sent = tensor.tensor().floats();
      assertThat(sent.get(1_299_999)).isEqualTo(1_299_999);
      tensor.get(into);
    }
    assertThat(into).isEqualTo(values);
  }

  @Test
  void put_otherLength_isRefused() {
    try (FlatTensor tensor = new FlatTensor(runtime, 3, WordTable.NONE)) {
      assertThatThrownBy(() -> tensor.put(new float[4]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("array: 4 numbers (expected: 3)");
    }
  }
}
