package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * The token ids and type ids of one text. Two equal ones are one row of the trunk. Immutable: the
 * arrays are owned by this object from construction on.
 */
final class Tokens {
  private final long[] ids;
  private final long[] typeIds;
  private final int hash;

  Tokens(long[] ids, long[] typeIds) {
    this.ids = requireNonNull(ids, "ids");
    this.typeIds = requireNonNull(typeIds, "typeIds");
    if (ids.length == 0 || ids.length != typeIds.length) {
      throw new IllegalArgumentException(
          "ids: "
              + ids.length
              + " (expected: 1 or more, as many as typeIds: "
              + typeIds.length
              + ")");
    }
    hash = 31 * Arrays.hashCode(ids) + Arrays.hashCode(typeIds);
  }

  int length() {
    return ids.length;
  }

  /** Token ids, shape (seq); read only. */
  long[] ids() {
    return ids;
  }

  /** Type ids, shape (seq); read only. */
  long[] typeIds() {
    return typeIds;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tokens that
        && hash == that.hash
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(typeIds, that.typeIds);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "Tokens[" + ids.length + "]";
  }
}
