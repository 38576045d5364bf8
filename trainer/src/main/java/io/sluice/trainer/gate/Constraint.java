package io.sluice.trainer.gate;

import static java.util.Objects.requireNonNull;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * One thing that is limited: what each candidate costs of it, what a point costs on top as soon as
 * anything sits there, and how much there may be. Whole numbers, so that a limit is met exactly.
 * Immutable.
 */
public final class Constraint {
  private final String unit;
  private final int[] points;
  private final long[] each;
  private final long perPoint;
  private final long limit;

  /**
   * A constraint.
   *
   * @param unit what is counted
   * @param points insertion point of each candidate, ascending
   * @param each cost of each candidate, 0 or more
   * @param perPoint cost of each point that has any candidate, 0 or more
   * @param limit greatest total
   */
  public Constraint(String unit, int[] points, long[] each, long perPoint, long limit) {
    this.unit = requireNonNull(unit, "unit");
    this.points = points.clone();
    this.each = each.clone();
    this.perPoint = perPoint;
    this.limit = limit;
    if (points.length != each.length) {
      throw new IllegalArgumentException(
          "each: " + each.length + " values (expected: " + points.length + ", one a candidate)");
    }
    for (int i = 0; i < each.length; i++) {
      if (each[i] < 0 || each[i] + perPoint < 1 || (i > 0 && points[i] < points[i - 1])) {
        throw new IllegalArgumentException(
            "candidate "
                + i
                + ": cost "
                + each[i]
                + " at point "
                + points[i]
                + " (expected: above 0 with its point's, points ascending)");
      }
    }
  }

  /** A constraint without costs of points. */
  public static Constraint additive(String unit, int[] points, long[] each, long limit) {
    return new Constraint(unit, points, each, 0, limit);
  }

  /** What is counted. */
  public String unit() {
    return unit;
  }

  /** Greatest total. */
  public long limit() {
    return limit;
  }

  /** How many candidates it speaks of. */
  public int size() {
    return each.length;
  }

  /** Insertion point of a candidate. */
  int point(int candidate) {
    return points[candidate];
  }

  /** Cost of a candidate besides its point's. */
  long each(int candidate) {
    return each[candidate];
  }

  /** Cost of a point that has any candidate. */
  long perPoint() {
    return perPoint;
  }

  /** Cost of a candidate that stands alone. */
  public long alone(int candidate) {
    return each[candidate] + perPoint;
  }

  /** Cost of the cheapest structure that has a candidate. */
  public long least() {
    return IntStream.range(0, each.length).mapToLong(this::alone).min().orElse(0);
  }

  /** Cost of all candidates together. */
  public long full() {
    BitSet all = new BitSet();
    all.set(0, each.length);
    return of(all);
  }

  /** Cost of a structure. */
  public long of(BitSet chosen) {
    long cost = 0;
    int point = Integer.MIN_VALUE;
    for (int i = chosen.nextSetBit(0); i >= 0; i = chosen.nextSetBit(i + 1)) {
      cost += each[i] + (points[i] == point ? 0 : perPoint);
      point = points[i];
    }
    return cost;
  }

  /** Expected cost with gates that open independently, each with its probability. */
  public double expected(double[] open) {
    double sum = 0;
    double allShut = 1;
    for (int i = 0; i < open.length; i++) {
      sum += (double) each[i] * open[i];
      allShut *= 1 - open[i];
      if (i + 1 == open.length || points[i + 1] != points[i]) {
        sum += (double) perPoint * (1 - allShut);
        allShut = 1;
      }
    }
    return sum;
  }

  /** d expected / d open of each gate. */
  double[] slopes(double[] open) {
    double[] slopes = new double[open.length];
    for (int from = 0; from < open.length; ) {
      int to = from;
      while (to < open.length && points[to] == points[from]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        double othersShut = 1;
        for (int j = from; j < to && perPoint > 0; j++) {
          othersShut *= j == i ? 1 : 1 - open[j];
        }
        slopes[i] = (double) each[i] + (double) perPoint * othersShut;
      }
      from = to;
    }
    return slopes;
  }
}
