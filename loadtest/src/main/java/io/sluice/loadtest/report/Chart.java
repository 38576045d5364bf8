package io.sluice.loadtest.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * Some curves over one axis. Immutable.
 *
 * @param name of its file: letters, digits, dashes
 * @param logX whether the horizontal axis is logarithmic: then all x are above 0
 */
public record Chart(
    String name, String title, String titleX, String titleY, boolean logX, List<Curve> curves) {
  /** A place on a curve. */
  public record Point(double x, double y) {}

  /**
   * A line through points, in their order.
   *
   * @param name for the legend
   */
  public record Curve(String name, List<Point> points) {
    public Curve {
      requireNonNull(name, "name");
      points = List.copyOf(points);
    }
  }

  public Chart {
    requireNonNull(name, "name");
    requireNonNull(title, "title");
    requireNonNull(titleX, "titleX");
    requireNonNull(titleY, "titleY");
    curves = List.copyOf(curves);
  }

  /** A chart without curves over a linear axis. */
  public static Chart of(String name, String title, String titleX, String titleY) {
    return new Chart(name, title, titleX, titleY, false, List.of());
  }

  /** The same over a logarithmic axis. */
  public Chart logarithmic() {
    return new Chart(name, title, titleX, titleY, true, curves);
  }

  /** The same with one more curve. */
  public Chart with(String curve, List<Point> points) {
    List<Curve> more = new ArrayList<>(curves);
    more.add(new Curve(curve, points));
    return new Chart(name, title, titleX, titleY, logX, more);
  }
}
