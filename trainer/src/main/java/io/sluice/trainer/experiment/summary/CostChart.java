package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.Suite;
import io.sluice.trainer.report.Figures;
import io.sluice.trainer.report.Scale;
import io.sluice.trainer.report.Svg;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A panel for each task; in it scores against the share of the encoder's parameters that learned, a
 * line through the variants of each method, with spreads; a dashed line where full fine-tuning is.
 * Drawn once.
 */
final class CostChart {
  private static final double WIDTH = 290;
  private static final double HEIGHT = 226;
  private static final double TOP = 26;
  private static final double LEFT = 34;
  private static final double BOTTOM = 38;
  private static final String FULL = "full";

  private final Scores scores;
  private final Suite suite;
  private final Panels panels;
  private final Map<String, List<String>> lines = new LinkedHashMap<>();

  CostChart(Scores scores) {
    this.scores = scores;
    this.suite = scores.suite();
    this.panels = new Panels(SuiteChart.panels(suite).size(), 0, 32, WIDTH, HEIGHT);
    for (String variant : suite.variants()) {
      String method = SuiteChart.method(scores, variant);
      if (!method.isEmpty() && !method.equals(FULL)) {
        lines.computeIfAbsent(method, key -> new ArrayList<>()).add(variant);
      }
    }
    lines.values().forEach(line -> line.sort(Comparator.comparingDouble(scores::share)));
  }

  String svg() {
    double at = panels.x(0);
    for (String method : lines.keySet()) {
      String colour = Panels.colour(method);
      panels.add(Svg.line(at, panels.y(0) - 18, at + 22, panels.y(0) - 18, "curve m-" + colour));
      panels.add(Svg.circle(at + 11, panels.y(0) - 18, 4.5, "mean f-" + colour));
      panels.add(Svg.text(at + 28, panels.y(0) - 14, method, "label"));
      at += 50 + 7.0 * method.length();
    }
    int count = SuiteChart.panels(suite).size();
    for (int panel = 0; panel < count; panel++) {
      draw(panel);
    }
    return panels.svg(
        suite.name(), suite.title(), "Scores against the share of parameters that learned.");
  }

  private void draw(int panel) {
    double left = panels.x(panel) + LEFT;
    double right = panels.x(panel) + WIDTH - 6;
    double top = panels.y(panel) + TOP;
    double bottom = panels.y(panel) + HEIGHT - BOTTOM;
    panels.add(Svg.text(panels.x(panel), top - 10, SuiteChart.title(scores, panel), "panel"));
    Scale x = costs(left + 8, right - 8);
    Scale y = values(panel, bottom - 4, top + 4);
    for (double tick : y.ticks()) {
      panels.add(Svg.line(left, y.at(tick), right, y.at(tick), "grid"));
      panels.add(Svg.text(left - 6, y.at(tick) + 4, SuiteChart.tick(tick), "tiny end"));
    }
    for (double tick : x.ticks()) {
      panels.add(Svg.line(x.at(tick), bottom, x.at(tick), bottom + 4, "axis"));
      panels.add(Svg.text(x.at(tick), bottom + 16, SuiteChart.tick(tick), "tiny middle"));
    }
    panels.add(Svg.line(left, bottom, right, bottom, "axis"));
    panels.add(
        Svg.text((left + right) / 2, bottom + 31, "% of the encoder's parameters", "tiny middle"));
    for (String variant : suite.variants()) {
      double mean = SuiteChart.spread(scores, variant, panel).mean();
      if (SuiteChart.method(scores, variant).equals(FULL) && Double.isFinite(mean)) {
        panels.add(Svg.line(left, y.at(mean), right, y.at(mean), "level"));
        panels.add(Svg.text(right, y.at(mean) - 5, variant, "tiny end"));
      }
    }
    for (Map.Entry<String, List<String>> line : lines.entrySet()) {
      curve(Panels.colour(line.getKey()), line.getValue(), panel, x, y);
    }
  }

  private void curve(String colour, List<String> variants, int panel, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    for (String variant : known(variants, panel)) {
      path.append(path.length() == 0 ? 'M' : 'L')
          .append(Figures.coordinate(x.at(cost(variant))))
          .append(' ')
          .append(Figures.coordinate(y.at(SuiteChart.spread(scores, variant, panel).mean())));
    }
    if (path.length() > 0) {
      panels.add(Svg.path(path.toString(), "curve m-" + colour));
    }
    for (String variant : known(variants, panel)) {
      Spread spread = SuiteChart.spread(scores, variant, panel);
      double at = x.at(cost(variant));
      if (!Double.isNaN(spread.sd())) {
        double low = y.at(spread.mean() - spread.sd());
        double high = y.at(spread.mean() + spread.sd());
        panels.add(Svg.line(at, low, at, high, "spread m-" + colour));
      }
      panels.add(
          Svg.hinted(
              Svg.circle(at, y.at(spread.mean()), 4.5, "mean f-" + colour),
              variant + ": " + Texts.spread(spread, suite.seeds().size())));
    }
  }

  private List<String> known(List<String> variants, int panel) {
    return variants.stream()
        .filter(variant -> SuiteChart.spread(scores, variant, panel).count() > 0)
        .toList();
  }

  private double cost(String variant) {
    return 100 * scores.share(variant);
  }

  private Scale costs(double start, double end) {
    double most =
        lines.values().stream()
            .flatMap(List::stream)
            .mapToDouble(this::cost)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    return Scale.around(0, Math.max(most, 1e-3), 0, start, end);
  }

  private Scale values(int panel, double start, double end) {
    List<Double> values = new ArrayList<>();
    for (String variant : suite.variants()) {
      Spread spread = SuiteChart.spread(scores, variant, panel);
      if (spread.count() > 0) {
        double sd = Double.isNaN(spread.sd()) ? 0 : spread.sd();
        values.add(spread.mean() - sd);
        values.add(spread.mean() + sd);
      }
    }
    return SuiteChart.scale(values, start, end);
  }
}
