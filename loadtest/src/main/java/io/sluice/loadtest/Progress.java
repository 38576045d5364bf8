package io.sluice.loadtest;

/** Is told how far a benchmark has come. Called by one thread at a time. */
@FunctionalInterface
public interface Progress {
  /**
   * Something begins.
   *
   * @param share of the whole that is done, 0 to 1, by time as far as it can be told
   * @param what in a few words
   */
  void at(double share, String what);
}
