package io.sluice.cli.demo;

/** Latencies of some requests, in nanoseconds. */
final class Latencies {
  private final long[] ascending;

  /**
   * @param ascending sorted; not copied
   */
  Latencies(long[] ascending) {
    this.ascending = ascending;
  }

  int count() {
    return ascending.length;
  }

  /**
   * The latency that a share of the requests did not exceed (nearest rank).
   *
   * @param share above 0, at most 1
   * @return in nanoseconds; NaN where there were no requests
   */
  double percentile(double share) {
    if (ascending.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(share * ascending.length);
    return ascending[Math.max(0, rank - 1)];
  }
}
