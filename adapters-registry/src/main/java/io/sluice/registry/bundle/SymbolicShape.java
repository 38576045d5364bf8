package io.sluice.registry.bundle;

import java.util.Arrays;

/**
 * A shape whose axes are numbers, the batch, the seq or unknown.
 *
 * @param dims per axis a size &gt;= 0 or one of the constants below
 */
@SuppressWarnings("ArrayRecordComponent") // Private to the package and never compared.
record SymbolicShape(long... dims) {
  static final long BATCH = -1;
  static final long SEQ = -2;
  static final long UNKNOWN = -3;

  int rank() {
    return dims.length;
  }

  /** Size of an axis, counted from the end when negative; unknown when there is no such axis. */
  long dim(int axis) {
    int index = axis < 0 ? axis + dims.length : axis;
    return index < 0 || index >= dims.length ? UNKNOWN : dims[index];
  }

  SymbolicShape with(long dim) {
    long[] longer = Arrays.copyOf(dims, dims.length + 1);
    longer[dims.length] = dim;
    return new SymbolicShape(longer);
  }

  SymbolicShape replace(int axis, long... by) {
    int index = axis < 0 ? axis + dims.length : axis;
    long[] changed = new long[dims.length - 1 + by.length];
    System.arraycopy(dims, 0, changed, 0, index);
    System.arraycopy(by, 0, changed, index, by.length);
    System.arraycopy(dims, index + 1, changed, index + by.length, dims.length - index - 1);
    return new SymbolicShape(changed);
  }

  /** Whether the number of elements is a known multiple of nothing, batch or batch times seq. */
  boolean countable() {
    return count(UNKNOWN) == 0 && count(BATCH) <= 1 && count(SEQ) <= 1;
  }

  /** Number of axes whose size the graph does not fix. */
  int openAxes() {
    return (int) Arrays.stream(dims).filter(dim -> dim < 0).count();
  }

  boolean perToken() {
    return count(SEQ) > 0;
  }

  boolean perRow() {
    return count(SEQ) == 0 && count(BATCH) > 0;
  }

  /** Product of the axes that are numbers; the largest long where it would be more. */
  long fixedElements() {
    long product = 1;
    for (long dim : dims) {
      if (dim >= 0) {
        boolean fits = Math.multiplyHigh(product, dim) == 0 && product * dim >= 0;
        product = fits ? product * dim : Long.MAX_VALUE;
      }
    }
    return product;
  }

  /** This shape if it has more elements than the other, as far as one can tell; else the other. */
  SymbolicShape largerOr(SymbolicShape other) {
    int symbols = count(BATCH) + 2 * count(SEQ);
    int otherSymbols = other.count(BATCH) + 2 * other.count(SEQ);
    boolean larger =
        symbols == otherSymbols ? fixedElements() > other.fixedElements() : symbols > otherSymbols;
    return larger ? this : other;
  }

  /** The shape that two broadcast to. */
  static SymbolicShape broadcast(SymbolicShape a, SymbolicShape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long left = i <= a.rank() ? a.dim(-i) : 1;
      long right = i <= b.rank() ? b.dim(-i) : 1;
      dims[rank - i] = left == 1 || left == right ? right : right == 1 ? left : UNKNOWN;
    }
    return new SymbolicShape(dims);
  }

  private int count(long symbol) {
    return (int) Arrays.stream(dims).filter(dim -> dim == symbol).count();
  }
}
