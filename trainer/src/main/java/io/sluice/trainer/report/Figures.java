package io.sluice.trainer.report;

import java.util.Locale;

/** Numbers as texts, the same in every locale. */
public final class Figures {
  private Figures() {}

  /** A coordinate: at most one decimal, no trailing zero. */
  public static String coordinate(double value) {
    double tenths = Math.round(value * 10) / 10.0;
    return tenths == Math.rint(tenths)
        ? Long.toString((long) tenths)
        : String.format(Locale.ROOT, "%.1f", tenths);
  }

  /** A measured number with three decimals; a dash for none. */
  public static String decimal(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }

  /** A share in per cent with so many decimals; a dash for none. */
  public static String percent(double share, int decimals) {
    return Double.isNaN(share)
        ? "–"
        : String.format(Locale.ROOT, "%." + decimals + "f %%", 100 * share);
  }

  /** A count with thousands apart: 93 104. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
  }

  /** A count on an axis or in a tile. */
  public static String brief(long value) {
    return brief((double) value);
  }

  /** A number on an axis or in a tile: 812, 93.1 k, 13.8 M, 0.25. */
  public static String brief(double value) {
    double size = Math.abs(value);
    if (size >= 1e6) {
      return trimmed(value / 1e6, 1) + " M";
    }
    if (size >= 1e4) {
      return trimmed(value / 1e3, 1) + " k";
    }
    if (size >= 100 || value == Math.rint(value)) {
      return Long.toString(Math.round(value));
    }
    return size < 0.01 ? String.format(Locale.ROOT, "%.1e", value) : trimmed(value, 3);
  }

  private static String trimmed(double value, int decimals) {
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }
}
