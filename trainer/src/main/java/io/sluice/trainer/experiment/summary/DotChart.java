package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.Suite;
import io.sluice.trainer.report.Figures;
import io.sluice.trainer.report.Scale;
import io.sluice.trainer.report.Svg;
import java.util.ArrayList;
import java.util.List;

/**
 * A panel for each task; in it, for each variant, the mean as a dot, the spread as a line and every
 * seed as a faint dot; a dashed line where full fine-tuning is. Drawn once.
 */
final class DotChart {
  private static final double WIDTH = 262;
  private static final double TOP = 26;
  private static final double BOTTOM = 26;
  private static final double ROW = 22;
  private static final double VALUE = 38;
  private static final double LETTER = 7;

  private final Scores scores;
  private final Suite suite;
  private final Panels panels;

  DotChart(Scores scores) {
    this.scores = scores;
    this.suite = scores.suite();
    int longest = suite.variants().stream().mapToInt(String::length).max().orElse(0);
    this.panels =
        new Panels(
            SuiteChart.panels(suite).size(),
            LETTER * longest + 10,
            10,
            WIDTH,
            TOP + ROW * suite.variants().size() + BOTTOM);
  }

  String svg() {
    int count = SuiteChart.panels(suite).size();
    for (int panel = 0; panel < count; panel++) {
      draw(panel);
    }
    return panels.svg(
        suite.name(),
        suite.title(),
        "Mean and standard deviation over seeds of each variant on each task.");
  }

  private void draw(int panel) {
    double left = panels.x(panel);
    double right = left + WIDTH - VALUE;
    double top = panels.y(panel) + TOP;
    double bottom = top + ROW * suite.variants().size();
    panels.add(Svg.text(left, top - 10, SuiteChart.title(scores, panel), "panel"));
    Scale x = scale(panel, left + 6, right - 6);
    for (double tick : x.ticks()) {
      panels.add(Svg.line(x.at(tick), top, x.at(tick), bottom, "grid"));
      panels.add(Svg.text(x.at(tick), bottom + 15, SuiteChart.tick(tick), "tiny middle"));
    }
    panels.add(Svg.line(left, bottom, right, bottom, "axis"));
    for (String variant : suite.variants()) {
      double level = x.at(SuiteChart.spread(scores, variant, panel).mean());
      if (SuiteChart.method(scores, variant).equals("full") && Double.isFinite(level)) {
        panels.add(Svg.line(level, top, level, bottom, "level"));
      }
    }
    for (int row = 0; row < suite.variants().size(); row++) {
      String variant = suite.variants().get(row);
      double y = top + ROW * (row + 0.5);
      if (panels.first(panel)) {
        panels.add(Svg.text(left - 10, y + 4, variant, "label end"));
      }
      variant(variant, panel, x, y);
      String value = Texts.number(SuiteChart.spread(scores, variant, panel).mean());
      panels.add(Svg.text(left + WIDTH, y + 4, value, "value end"));
    }
  }

  private void variant(String variant, int panel, Scale x, double y) {
    Spread spread = SuiteChart.spread(scores, variant, panel);
    if (spread.count() == 0) {
      return;
    }
    String colour = Panels.colour(SuiteChart.method(scores, variant));
    String hint = variant + ": " + Texts.spread(spread, suite.seeds().size());
    if (spread.mean() < x.from()) {
      // Below all that is shown: an arrow at the edge.
      String at = Figures.coordinate(x.start() + 6) + ' ' + Figures.coordinate(y - 5);
      panels.add(Svg.hinted(Svg.path("M" + at + "v10l-9 -5z", "mean f-" + colour), hint));
      return;
    }
    for (double seed : SuiteChart.seeds(scores, variant, panel)) {
      panels.add(Svg.circle(x.at(seed), y, 3, "seed f-" + colour));
    }
    if (!Double.isNaN(spread.sd())) {
      double low = x.at(spread.mean() - spread.sd());
      double high = x.at(spread.mean() + spread.sd());
      panels.add(Svg.line(low, y, high, y, "spread m-" + colour));
    }
    panels.add(Svg.hinted(Svg.circle(x.at(spread.mean()), y, 5, "mean f-" + colour), hint));
  }

  /** Of what is to be told apart: a head alone may be far below, and is then left out. */
  private Scale scale(int panel, double start, double end) {
    List<Double> values = values(panel, false);
    return SuiteChart.scale(values.isEmpty() ? values(panel, true) : values, start, end);
  }

  private List<Double> values(int panel, boolean heads) {
    List<Double> values = new ArrayList<>();
    for (String variant : suite.variants()) {
      if (!heads && SuiteChart.method(scores, variant).equals("head-only")) {
        continue;
      }
      Spread spread = SuiteChart.spread(scores, variant, panel);
      if (spread.count() > 0) {
        double sd = Double.isNaN(spread.sd()) ? 0 : spread.sd();
        values.addAll(SuiteChart.seeds(scores, variant, panel));
        values.add(spread.mean() - sd);
        values.add(spread.mean() + sd);
      }
    }
    return values;
  }
}
