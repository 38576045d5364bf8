package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HalfFloatTest {
  @Test
  void ofFloat_everyHalf_roundTrips() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfFloat.toFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(HalfFloat.toFloat(HalfFloat.ofFloat(value))).isNaN();
      } else {
        assertThat(HalfFloat.ofFloat(value)).as("bits %x", bits).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void toFloat_knownValues_areExact() {
    assertThat(HalfFloat.toFloat((short) 0x3c00)).isEqualTo(1f);
    assertThat(HalfFloat.toFloat((short) 0xc000)).isEqualTo(-2f);
    assertThat(HalfFloat.toFloat((short) 0x7bff)).isEqualTo(65504f);
    assertThat(HalfFloat.toFloat((short) 0x0001)).isEqualTo(0x1p-24f);
    assertThat(HalfFloat.toFloat((short) 0x0400)).isEqualTo(0x1p-14f);
    assertThat(HalfFloat.toFloat((short) 0x7c00)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void ofFloat_betweenTwoHalves_takesTheNearerAndTiesToEven() {
    long seed = 20260101;
    System.err.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200_000; i++) {
      short low = (short) random.nextInt(0x7bff);
      double a = HalfFloat.toFloat(low);
      double b = HalfFloat.toFloat((short) (low + 1));
      float middle = (float) ((a + b) / 2);
      short even = (low & 1) == 0 ? low : (short) (low + 1);
      assertThat(HalfFloat.ofFloat(middle)).isEqualTo(even);
      assertThat(HalfFloat.ofFloat(Math.nextDown(middle))).isEqualTo(low);
      assertThat(HalfFloat.ofFloat(-Math.nextUp(middle))).isEqualTo((short) (low + 1 | 0x8000));
    }
  }

  @Test
  void ofFloat_tooLarge_isInfinite() {
    assertThat(HalfFloat.ofFloat(65519.996f)).isEqualTo((short) 0x7bff);
    assertThat(HalfFloat.ofFloat(65520f)).isEqualTo((short) 0x7c00);
    assertThat(HalfFloat.ofFloat(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
    assertThat(HalfFloat.ofFloat(1e-30f)).isZero();
  }
}
