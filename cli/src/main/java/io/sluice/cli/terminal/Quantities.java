package io.sluice.cli.terminal;

import java.util.Locale;

/** Numbers with units, as people read them. */
public final class Quantities {
  private static final long THOUSAND = 1_000;
  private static final long MILLION = 1_000_000;
  private static final double BYTES_PER_MIB = 1 << 20;

  private Quantities() {}

  /** A count with three or four significant digits: 812, 14.2 k, 13.5 M. */
  public static String count(long count) {
    if (count < THOUSAND) {
      return Long.toString(count);
    }
    return count < MILLION
        ? String.format(Locale.ROOT, "%.1f k", count / (double) THOUSAND)
        : String.format(Locale.ROOT, "%.1f M", count / (double) MILLION);
  }

  /** A size in MiB, or KiB below one. */
  public static String bytes(long sizeBytes) {
    return sizeBytes < BYTES_PER_MIB
        ? String.format(Locale.ROOT, "%.1f KiB", sizeBytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", sizeBytes / BYTES_PER_MIB);
  }

  /** A share in per cent with two decimals. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** A time in milliseconds, with as many decimals as make sense. */
  public static String millis(long nanos) {
    return millis((double) nanos);
  }

  /** A time in milliseconds, with as many decimals as make sense. */
  public static String millis(double nanos) {
    double millis = nanos / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
  }
}
