package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.report.Spread;
import java.util.ArrayList;
import java.util.List;

/**
 * How many times the cost of one series another has: above 1 is dearer, for latency and throughput
 * alike.
 *
 * @param of the series looked at
 * @param to what it is compared with
 * @param ofMedians ratio of the medians over all repeats
 * @param perRepeat the ratios within each repeat, where both met about the same machine
 */
public record Ratio(Series of, Series to, double ofMedians, Spread perRepeat) {
  public Ratio {
    requireNonNull(of, "of");
    requireNonNull(to, "to");
    requireNonNull(perRepeat, "perRepeat");
  }

  /** Compares two measurements of one run. */
  public static Ratio of(Measurement of, Measurement to) {
    Series.Kind kind = of.series().kind();
    if (kind != to.series().kind() || of.repeats().size() != to.repeats().size()) {
      throw new IllegalArgumentException(
          to.series() + ": another kind or number of repeats (expected: as " + of.series() + ")");
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < of.repeats().size(); i++) {
      ratios.add(cost(kind, of.repeats().get(i), to.repeats().get(i)));
    }
    return new Ratio(
        of.series(),
        to.series(),
        cost(kind, of.spread().median(), to.spread().median()),
        Spread.of(ratios));
  }

  private static double cost(Series.Kind kind, double of, double to) {
    return kind == Series.Kind.LATENCY ? of / to : to / of;
  }
}
