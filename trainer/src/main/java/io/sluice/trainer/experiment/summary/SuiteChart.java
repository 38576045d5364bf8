package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.Suite;
import io.sluice.trainer.report.Scale;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** A suite's drawing, SVG without script or outside reference. */
final class SuiteChart {
  private static final double MOST = 100;
  private static final double LEAST_SPAN = 2;

  private SuiteChart() {}

  static String svg(Scores scores) {
    return scores.suite().chart() == Suite.Chart.COST
        ? new CostChart(scores).svg()
        : new DotChart(scores).svg();
  }

  /** Names of the panels: the tasks, and their average if there are several. */
  static List<String> panels(Suite suite) {
    List<String> panels = new ArrayList<>(suite.tasks());
    if (panels.size() > 1) {
      panels.add(Verdict.AVERAGE);
    }
    return panels;
  }

  /** Whether a panel is that of the averages. */
  static boolean average(Suite suite, int panel) {
    return panel == suite.tasks().size();
  }

  /** Scores of a variant in a panel, over the seeds. */
  static Spread spread(Scores scores, String variant, int panel) {
    Suite suite = scores.suite();
    return average(suite, panel)
        ? scores.average(variant)
        : scores.score(variant, suite.tasks().get(panel));
  }

  /** Each seed's score in points; none for averages. */
  static List<Double> seeds(Scores scores, String variant, int panel) {
    Suite suite = scores.suite();
    return average(suite, panel)
        ? List.of()
        : scores.of(variant, suite.tasks().get(panel)).stream()
            .map(result -> 100 * result.score())
            .toList();
  }

  /** How a variant learned; unknown without a result. */
  static String method(Scores scores, String variant) {
    return scores.suite().tasks().stream()
        .flatMap(task -> scores.of(variant, task).stream())
        .map(CellResult::method)
        .findFirst()
        .orElse("");
  }

  /** A panel's title: the task and its measure. */
  static String title(Scores scores, int panel) {
    Suite suite = scores.suite();
    if (average(suite, panel)) {
      return Verdict.AVERAGE;
    }
    String task = suite.tasks().get(panel);
    return task + scores.metric(task).map(metric -> ", " + metric.replace('_', ' ')).orElse("");
  }

  /** A scale for points, of which two at least are shown, and none above all of them. */
  static Scale scale(List<Double> values, double start, double end) {
    double least = values.stream().mapToDouble(value -> value).min().orElse(0);
    double greatest = values.stream().mapToDouble(value -> value).max().orElse(MOST);
    double room = Math.max(0, (LEAST_SPAN - (greatest - least)) / 2);
    return Scale.around(
        least - room, Math.max(greatest, Math.min(MOST, greatest + room)), Double.NaN, start, end);
  }

  /** A tick as a text; points have at most two decimals. */
  static String tick(double value) {
    return BigDecimal.valueOf(value)
        .setScale(2, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString();
  }
}
