package io.sluice.trainer.report;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/**
 * A chart of figures over the steps of a run. Confined to one thread; drawn once.
 *
 * <p>Lines of more points than the plot has room for are drawn as the means of neighbours.
 */
final class LineChart {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 236;
  private static final double LEFT = 52;
  private static final double RIGHT = 12;
  private static final double TOP = 46;
  private static final double BOTTOM = 26;
  private static final int MOST_POINTS = 160;

  /** A figure at a step. */
  record Point(double step, double value) {}

  /** What is drawn in one way under one name. */
  private record Series(String name, String style, List<Point> points, boolean dots) {}

  private final String id;
  private final String title;
  private final String description;
  private final List<PhaseBand> bands;
  private final double steps;
  private final List<Series> all = new ArrayList<>();
  private final List<Point> best = new ArrayList<>();
  private double floor = Double.NaN;

  /**
   * @param id names it within the page
   * @param description what is to be seen, for those who cannot see it
   */
  LineChart(String id, String title, String description, List<PhaseBand> bands, int steps) {
    this.id = id;
    this.title = title;
    this.description = description;
    this.bands = bands;
    this.steps = steps;
  }

  /** Lets the axis begin there or below. */
  LineChart from(double value) {
    floor = value;
    return this;
  }

  /** A line through figures; those that are not finite are left out. */
  LineChart line(String name, String style, List<Point> points) {
    all.add(new Series(name, style, thinned(finite(points)), false));
    return this;
  }

  /** A line with a dot for each figure. */
  LineChart dots(String name, String style, List<Point> points) {
    all.add(new Series(name, style, finite(points), true));
    return this;
  }

  /** A level across the whole plot; none if it is not finite. */
  LineChart level(String name, String style, double value) {
    if (Double.isFinite(value)) {
      all.add(
          new Series(name, style, List.of(new Point(0, value), new Point(steps, value)), false));
    }
    return this;
  }

  /** A ring around a figure. */
  LineChart mark(Point point) {
    best.add(point);
    return this;
  }

  ContainerTag<?> draw() {
    double bottom = HEIGHT - BOTTOM;
    Scale x = new Scale(0, steps, LEFT, WIDTH - RIGHT);
    List<Double> values =
        all.stream().flatMap(series -> series.points.stream()).map(Point::value).toList();
    double least = values.stream().mapToDouble(value -> value).min().orElse(0);
    double greatest = values.stream().mapToDouble(value -> value).max().orElse(1);
    Scale y = Scale.around(least, greatest, floor, bottom, TOP);
    List<DomContent> shapes = new ArrayList<>();
    for (double tick : y.ticks()) {
      shapes.add(Svg.line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "grid"));
      shapes.add(Svg.text(LEFT - 6, y.at(tick) + 4, Figures.brief(tick), "label end faint"));
    }
    shapes.addAll(PhaseBand.draw(bands, x, TOP, bottom));
    shapes.addAll(PhaseBand.axis(bands, x, bottom));
    for (Series series : all) {
      draw(series, x, y, shapes);
    }
    for (Point point : best) {
      shapes.add(Svg.circle(x.at(point.step), y.at(point.value), 6, "ring"));
    }
    legend(shapes);
    return Svg.picture(id, WIDTH, HEIGHT, title, description, Svg.group(shapes));
  }

  private static void draw(Series series, Scale x, Scale y, List<DomContent> shapes) {
    StringBuilder path = new StringBuilder();
    for (Point point : series.points) {
      path.append(path.length() == 0 ? 'M' : 'L')
          .append(Figures.coordinate(x.at(point.step)))
          .append(' ')
          .append(Figures.coordinate(y.at(point.value)));
    }
    if (path.length() > 0) {
      shapes.add(Svg.path(path.toString(), "curve " + series.style));
    }
    if (series.dots) {
      for (Point point : series.points) {
        shapes.add(
            Svg.hinted(
                Svg.circle(x.at(point.step), y.at(point.value), 3, "dot " + series.style),
                series.name
                    + " at step "
                    + Figures.brief(point.step)
                    + ": "
                    + Figures.brief(point.value)));
      }
    }
  }

  private void legend(List<DomContent> shapes) {
    double x = LEFT;
    for (Series series : all) {
      shapes.add(Svg.line(x, 14, x + 18, 14, "curve " + series.style));
      shapes.add(Svg.text(x + 23, 18, series.name, "label"));
      x += 42 + 6.6 * series.name.length();
    }
  }

  private static List<Point> finite(List<Point> points) {
    return points.stream().filter(point -> Double.isFinite(point.value)).toList();
  }

  private static List<Point> thinned(List<Point> points) {
    int width = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (width <= 1) {
      return points;
    }
    List<Point> thin = new ArrayList<>();
    for (int from = 0; from < points.size(); from += width) {
      List<Point> some = points.subList(from, Math.min(points.size(), from + width));
      thin.add(
          new Point(
              some.stream().mapToDouble(Point::step).average().orElseThrow(),
              some.stream().mapToDouble(Point::value).average().orElseThrow()));
    }
    return thin;
  }
}
