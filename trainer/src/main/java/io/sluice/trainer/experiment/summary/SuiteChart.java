package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.Suite;
import java.util.ArrayList;
import java.util.List;

/** A suite's drawing, SVG without script or outside reference. */
final class SuiteChart {
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
}
