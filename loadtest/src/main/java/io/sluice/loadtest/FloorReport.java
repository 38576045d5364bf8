package io.sluice.loadtest;

import java.util.Locale;

/**
 * Served requests beside one plain session, measured in one run.
 *
 * @param tokens length of every text, special tokens included
 * @param plainMillis p50 of one run of the plain session on one row, in milliseconds
 * @param servedMillis p50 of one request from client to client, one at a time
 * @param served99Millis p99 of the same
 * @param overheadMillis p50 served minus p50 plain, round by round
 * @param plainSmall rows per second of the plain session in batches of 8
 * @param plainLarge rows per second of the plain session in batches of 32
 * @param servedRows replies per second with many requests under way
 * @param ratio served over the better of the two plain throughputs, round by round
 */
public record FloorReport(
    int tokens,
    Spread plainMillis,
    Spread servedMillis,
    Spread served99Millis,
    Spread overheadMillis,
    Spread plainSmall,
    Spread plainLarge,
    Spread servedRows,
    Spread ratio) {
  /** The figures as a table for people: median (least .. greatest). */
  public String table() {
    return String.join(
        System.lineSeparator(),
        String.format(Locale.ROOT, "texts of %d tokens, median (least .. greatest)", tokens),
        line("plain session, one row, p50", plainMillis.describe(3), "ms"),
        line("served, one request, p50", servedMillis.describe(3), "ms"),
        line("served, one request, p99", served99Millis.describe(3), "ms"),
        line("overhead of serving, p50", overheadMillis.describe(3), "ms"),
        line("plain session, batches of 8", plainSmall.describe(0), "rows/s"),
        line("plain session, batches of 32", plainLarge.describe(0), "rows/s"),
        line("served, many requests under way", servedRows.describe(0), "rows/s"),
        line("served / plain", ratio.describe(2), ""));
  }

  private static String line(String what, String figure, String unit) {
    return String.format(Locale.ROOT, "  %-34s %28s %s", what, figure, unit).stripTrailing();
  }
}
