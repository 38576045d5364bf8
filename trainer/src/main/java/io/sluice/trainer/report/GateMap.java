package io.sluice.trainer.report;

import io.sluice.trainer.history.GateRow;
import io.sluice.trainer.history.RunHistory;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The heat map of the gates of one form of candidate: insertion points upwards, steps to the right,
 * P(open) as colour. Equal neighbours are one shape and all shapes of a colour are one path, so
 * that a map of thousands of cells stays a few kilobytes.
 */
final class GateMap {
  /** Steps of colour; level 0 is the background. */
  static final int LEVELS = 12;

  private final RunHistory history;
  private final List<Integer> candidates;
  private final Scale x;
  private final double top;
  private final double rowHeight;

  /**
   * @param candidates numbers of the candidates, in order of point; the first is drawn lowest
   * @param x from step 0 to the last step
   * @param top upper edge
   */
  GateMap(RunHistory history, List<Integer> candidates, Scale x, double top, double rowHeight) {
    this.history = history;
    this.candidates = List.copyOf(candidates);
    this.x = x;
    this.top = top;
    this.rowHeight = rowHeight;
  }

  double height() {
    return candidates.size() * rowHeight;
  }

  /** Upper edge of a row. */
  double rowTop(int row) {
    return top + (candidates.size() - 1 - row) * rowHeight;
  }

  List<DomContent> draw() {
    List<StringBuilder> paths = new ArrayList<>();
    for (int level = 0; level < LEVELS; level++) {
      paths.add(new StringBuilder());
    }
    for (int row = 0; row < candidates.size(); row++) {
      draw(row, paths);
    }
    List<DomContent> shapes = new ArrayList<>();
    shapes.add(Svg.rect(x.start(), top, x.end() - x.start(), height(), "p0"));
    for (int level = 1; level < LEVELS; level++) {
      if (paths.get(level).length() > 0) {
        shapes.add(Svg.path(paths.get(level).toString(), "p" + level));
      }
    }
    for (int row = 0; row < candidates.size(); row++) {
      shapes.add(
          Svg.hinted(
              Svg.rect(x.start(), rowTop(row), x.end() - x.start(), rowHeight, "row"),
              hint(candidates.get(row))));
    }
    return shapes;
  }

  private void draw(int row, List<StringBuilder> paths) {
    List<GateRow> rows = history.gates();
    double height = rowHeight - (rowHeight > 5 ? 1 : 0.5);
    double from = x.start();
    for (int i = 0; i < rows.size(); i++) {
      int level = level(open(rows.get(i), row));
      boolean ends = i + 1 == rows.size() || level(open(rows.get(i + 1), row)) != level;
      if (ends) {
        double to = x.at(rows.get(i).step());
        if (level > 0) {
          paths
              .get(level)
              .append('M')
              .append(Figures.coordinate(from))
              .append(' ')
              .append(Figures.coordinate(rowTop(row)))
              .append('H')
              .append(Figures.coordinate(to))
              .append('v')
              .append(Figures.coordinate(height))
              .append('H')
              .append(Figures.coordinate(from))
              .append('z');
        }
        from = to;
      }
    }
  }

  private double open(GateRow row, int of) {
    return row.open().get(candidates.get(of));
  }

  private String hint(int candidate) {
    List<String> said = new ArrayList<>();
    double before = -1;
    int freeze = history.atFreeze().step();
    for (GateRow row : history.gates()) {
      double open = row.open().get(candidate);
      if (Math.abs(open - before) > 0.2 || row.step() == freeze) {
        said.add("step " + row.step() + ": " + Figures.percent(open, 0));
        before = open;
      }
    }
    return "point "
        + history.candidates().get(candidate).point()
        + ", "
        + history.candidates().get(candidate).form()
        + "; P(open) at "
        + String.join(", ", said);
  }

  /** The colour of a P(open). */
  static int level(double open) {
    return (int) Math.min(LEVELS - 1L, Math.max(0, Math.round(open * (LEVELS - 1))));
  }

  /** Numbers of the candidates of each form, in order of points; forms in order of first use. */
  static List<List<Integer>> forms(RunHistory history) {
    List<String> names = new ArrayList<>();
    List<List<Integer>> forms = new ArrayList<>();
    for (int i = 0; i < history.candidates().size(); i++) {
      String form = history.candidates().get(i).form();
      if (!names.contains(form)) {
        names.add(form);
        forms.add(new ArrayList<>());
      }
      forms.get(names.indexOf(form)).add(i);
    }
    return Collections.unmodifiableList(forms);
  }
}
