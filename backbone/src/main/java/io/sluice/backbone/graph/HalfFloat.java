package io.sluice.backbone.graph;

/** Conversion between IEEE 754 binary16 and binary32 (the JDK has it only from 20 on). */
public final class HalfFloat {
  private static final int FLOAT_SIGN = 0x8000_0000;
  private static final float SMALLEST_SUBNORMAL = 0x1p-24f;
  private static final int EXPONENT_REBIAS = (127 - 15) << 23;

  private HalfFloat() {}

  /** The value of the 16 bits {@code half}; exact. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int magnitude = half & 0x7fff;
    if (magnitude >= 0x7c00) {
      return Float.intBitsToFloat(sign | 0x7f80_0000 | (magnitude & 0x3ff) << 13);
    }
    if (magnitude < 0x400) {
      float value = magnitude * SMALLEST_SUBNORMAL;
      return sign == 0 ? value : -value;
    }
    return Float.intBitsToFloat(sign | ((magnitude << 13) + EXPONENT_REBIAS));
  }

  /** The nearest binary16 of {@code value}, ties to even; too large becomes infinite. */
  public static short ofFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits & FLOAT_SIGN) >>> 16;
    int magnitude = bits & ~FLOAT_SIGN;
    if (magnitude > 0x7f80_0000) {
      return (short) (sign | 0x7e00 | (magnitude >>> 13 & 0x3ff));
    }
    if (magnitude >= 0x477f_f000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x3880_0000) {
      int rounded = (int) Math.rint((double) Float.intBitsToFloat(magnitude) / SMALLEST_SUBNORMAL);
      return (short) (sign | rounded);
    }
    int rebiased = magnitude - EXPONENT_REBIAS;
    int rounded = (rebiased + 0xfff + (rebiased >>> 13 & 1)) >>> 13;
    return (short) (sign | rounded);
  }
}
