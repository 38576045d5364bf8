package io.sluice.trainer.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear map from values to coordinates, with round ticks.
 *
 * @param from value at the start
 * @param to value at the end, above {@code from}
 * @param start coordinate of {@code from}
 * @param end coordinate of {@code to}
 */
public record Scale(double from, double to, double start, double end) {
  private static final double[] ROUND = {1, 2, 2.5, 5, 10};

  public double at(double value) {
    return start + (value - from) / (to - from) * (end - start);
  }

  /** A scale that holds all values and ends at round ticks; {@code floor} is in it if finite. */
  public static Scale around(
      double least, double greatest, double floor, double start, double end) {
    double low = Double.isFinite(floor) ? Math.min(floor, least) : least;
    double high = greatest > low ? greatest : low + Math.max(Math.abs(low), 1) * 0.1;
    double step = step(high - low);
    return new Scale(
        Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step, start, end);
  }

  /** Round values from one end to the other, four to six of them. */
  public List<Double> ticks() {
    double step = step(to - from);
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; from + i * step <= to + step * 1e-6; i++) {
      // Rounded to the step, so that 0.30000000000000004 is 0.3.
      ticks.add(Math.round((from + i * step) / step * 100) * step / 100);
    }
    return ticks;
  }

  private static double step(double span) {
    double raw = span / 4;
    double power = StrictMath.pow(10, Math.floor(StrictMath.log10(raw)));
    for (double round : ROUND) {
      if (round * power >= raw * 0.999) {
        return round * power;
      }
    }
    return 10 * power;
  }
}
