package io.sluice.trainer.autodiff.vjp;

/**
 * The length of one axis, as seen at two probe sizes: what differs is symbolic (it depends on batch
 * or sequence).
 *
 * @param small length at the smaller probe
 * @param large length at the larger probe
 */
public record Extent(long small, long large) {

  /** An axis whose length never changes. */
  public static Extent known(long size) {
    return new Extent(size, size);
  }

  /** Whether the length is the same at every batch and sequence size. */
  public boolean isKnown() {
    return small == large;
  }

  /** The length of a known axis. */
  public long size() {
    if (!isKnown()) {
      throw new IllegalStateException(
          "size: symbolic, " + small + " or " + large + " (expected: a known length)");
    }
    return small;
  }

  /** Whether the axis always has length one. */
  public boolean isOne() {
    return small == 1 && large == 1;
  }
}
