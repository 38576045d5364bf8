package io.sluice.backbone.importer;

import org.jspecify.annotations.Nullable;

/**
 * How the size of one axis follows from the sizes of the batch: {@code factor * batch^[perRow] *
 * seq^[perToken] + offset}.
 */
record DimRule(long factor, boolean perRow, boolean perToken, long offset) {
  /**
   * The rule that fits the sizes seen in the three probes.
   *
   * @param base size at (B, S)
   * @param moreRows size at (B', S)
   * @param moreTokens size at (B, S')
   * @return null where no rule fits
   */
  static @Nullable DimRule fit(ProbeSizes sizes, long base, long moreRows, long moreTokens) {
    boolean rows = moreRows != base;
    boolean tokens = moreTokens != base;
    if (!rows && !tokens) {
      return new DimRule(0, false, false, base);
    }
    if (rows) {
      long unit = tokens ? (long) sizes.rows() * sizes.tokens() : sizes.rows();
      DimRule rule = new DimRule(base / unit, true, tokens, 0);
      return rule.size(sizes.rows(), sizes.tokens()) == base
              && rule.size(sizes.moreRows(), sizes.tokens()) == moreRows
              && rule.size(sizes.rows(), sizes.moreTokens()) == moreTokens
          ? rule
          : null;
    }
    int step = sizes.moreTokens() - sizes.tokens();
    if ((moreTokens - base) % step != 0) {
      return null;
    }
    long factor = (moreTokens - base) / step;
    return new DimRule(factor, false, true, base - factor * sizes.tokens());
  }

  long size(long rows, long tokens) {
    return factor * (perRow ? rows : 1) * (perToken ? tokens : 1) + offset;
  }

  /** Whether the axis is the batch itself. */
  boolean isBatch() {
    return factor == 1 && perRow && !perToken;
  }

  /** Whether the axis is the sequence itself. */
  boolean isSeq() {
    return factor == 1 && perToken && !perRow && offset == 0;
  }

  boolean isFixed() {
    return !perRow && !perToken;
  }
}
