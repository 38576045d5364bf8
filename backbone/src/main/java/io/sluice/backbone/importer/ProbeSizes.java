package io.sluice.backbone.importer;

/**
 * The batch sizes at which a graph is run to see which axes vary: (rows, tokens), (moreRows,
 * tokens), (rows, moreTokens).
 */
record ProbeSizes(int rows, int moreRows, int tokens, int moreTokens) {
  /**
   * Small, and such that no product of two of them equals another or a usual head count times one.
   */
  static final ProbeSizes STANDARD = new ProbeSizes(2, 3, 7, 11);
}
