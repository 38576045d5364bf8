package io.sluice.trainer.report;

import io.sluice.trainer.history.GateRow;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the gates add up to at the steps where all of them are known: expected, each candidate
 * weighted by its P(open), as it is sampled; and of those alone that are more likely open than not.
 * Immutable.
 */
final class GateSums {
  private static final double LIKELY = 0.5;

  private final RunHistory history;

  GateSums(RunHistory history) {
    this.history = history;
  }

  /** The sum of P(open) times what a candidate has, by step. */
  List<LineChart.Point> expected(ToDoubleFunction<SearchedCandidate> of) {
    return history.gates().stream()
        .map(row -> new LineChart.Point(row.step(), expected(row, of)))
        .toList();
  }

  /** The sum over candidates with a P(open) above 1/2, by step. */
  List<LineChart.Point> likely(ToDoubleFunction<SearchedCandidate> of) {
    return history.gates().stream()
        .map(row -> new LineChart.Point(row.step(), likely(row, of)))
        .toList();
  }

  /** Both sums, of gates and of what their candidates have, at no more than so many steps. */
  List<List<String>> table(ToDoubleFunction<SearchedCandidate> of, int mostRows) {
    List<GateRow> gates = history.gates();
    int rows = Math.min(mostRows, gates.size());
    List<List<String>> table = new ArrayList<>();
    for (int i = 1; i <= rows; i++) {
      GateRow row = gates.get(i * gates.size() / rows - 1);
      table.add(
          List.of(
              Integer.toString(row.step()),
              Figures.brief(Math.round(expected(row, gate -> 1) * 10) / 10.0),
              Figures.brief(expected(row, of)),
              Figures.brief(likely(row, gate -> 1)),
              Figures.brief(likely(row, of))));
    }
    return table;
  }

  private double expected(GateRow row, ToDoubleFunction<SearchedCandidate> of) {
    double sum = 0;
    for (int i = 0; i < row.open().size(); i++) {
      sum += row.open().get(i) * of.applyAsDouble(history.candidates().get(i));
    }
    return sum;
  }

  private double likely(GateRow row, ToDoubleFunction<SearchedCandidate> of) {
    double sum = 0;
    for (int i = 0; i < row.open().size(); i++) {
      sum += row.open().get(i) > LIKELY ? of.applyAsDouble(history.candidates().get(i)) : 0;
    }
    return sum;
  }
}
