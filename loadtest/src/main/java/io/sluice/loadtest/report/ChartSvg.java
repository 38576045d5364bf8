package io.sluice.loadtest.report;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** A chart as SVG: no script, no outside reference. Confined to one thread. */
final class ChartSvg {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int LEFT = 72;
  private static final int RIGHT = 24;
  private static final int TOP = 72;
  private static final int BOTTOM = 56;
  private static final int MOST_DOTS = 40;
  private static final int LEGEND_COLUMNS = 3;
  private static final List<String> COLOURS =
      List.of("#0b7285", "#c92a2a", "#5f3dc4", "#e67700", "#2b8a3e", "#495057");

  private final Chart chart;
  private final Axis across;
  private final Axis up;
  private final StringBuilder svg = new StringBuilder();

  private ChartSvg(Chart chart) {
    this.chart = chart;
    across = axis(chart, Chart.Point::x, chart.logX(), LEFT, WIDTH - RIGHT);
    up = axis(chart, Chart.Point::y, false, HEIGHT - BOTTOM, TOP);
  }

  /** The drawing as text. */
  static String draw(Chart chart) {
    return new ChartSvg(chart).draw();
  }

  private static Axis axis(
      Chart chart,
      ToDoubleFunction<Chart.Point> value,
      boolean logarithmic,
      double start,
      double end) {
    double[] values =
        chart.curves().stream()
            .flatMap(curve -> curve.points().stream())
            .mapToDouble(value)
            .toArray();
    return Axis.over(
        DoubleStream.of(values).min().orElse(1),
        DoubleStream.of(values).max().orElse(1),
        logarithmic,
        start,
        end);
  }

  private String draw() {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"13\">",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    add("<title>%s</title>", escaped(chart.title()));
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
    add(
        "<text x=\"%d\" y=\"22\" fill=\"#1f2933\" font-weight=\"600\">%s</text>",
        LEFT, escaped(chart.title()));
    rows();
    columns();
    for (int i = 0; i < chart.curves().size(); i++) {
      curve(chart.curves().get(i), COLOURS.get(i % COLOURS.size()));
      legend(chart.curves().get(i).name(), COLOURS.get(i % COLOURS.size()), i);
    }
    svg.append("</svg>\n");
    return svg.toString();
  }

  private void rows() {
    for (double mark : up.marks()) {
      double y = up.place(mark);
      add(
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e4e7eb\"/>",
          LEFT, y, WIDTH - RIGHT, y);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#52606d\">%s</text>",
          LEFT - 8, y + 4.5, Axis.label(mark));
    }
    add(
        "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\""
            + " fill=\"#1f2933\">%s</text>",
        (TOP + HEIGHT - BOTTOM) / 2, escaped(chart.titleY()));
  }

  private void columns() {
    int bottom = HEIGHT - BOTTOM;
    add(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
        LEFT, bottom, WIDTH - RIGHT, bottom);
    for (double mark : across.marks()) {
      double x = across.place(mark);
      add(
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
          x, bottom, x, bottom + 5);
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#52606d\">%s</text>",
          x, bottom + 20, Axis.label(mark));
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#1f2933\">%s</text>",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, escaped(chart.titleX()));
  }

  private void curve(Chart.Curve curve, String colour) {
    String path =
        curve.points().stream()
            .map(
                point ->
                    String.format(
                        Locale.ROOT, "%.1f %.1f", across.place(point.x()), up.place(point.y())))
            .collect(Collectors.joining(" L"));
    if (path.isEmpty()) {
      return;
    }
    add("<path d=\"M%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>", path, colour);
    if (curve.points().size() > MOST_DOTS) {
      return;
    }
    for (Chart.Point point : curve.points()) {
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"><title>%s: %s, %s</title></circle>",
          across.place(point.x()),
          up.place(point.y()),
          colour,
          escaped(curve.name()),
          Axis.label(point.x()),
          Axis.label(point.y()));
    }
  }

  private void legend(String name, String colour, int number) {
    int x = LEFT + number % LEGEND_COLUMNS * 210;
    int y = 42 + number / LEGEND_COLUMNS * 16;
    add(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>",
        x, y - 4, x + 16, y - 4, colour);
    add("<text x=\"%d\" y=\"%d\" fill=\"#52606d\">%s</text>", x + 22, y, escaped(name));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
