package io.sluice.trainer.report;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.StepSpan;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/**
 * The stretch of a run that is one phase, as every chart over time shows it.
 *
 * @param phase which one
 * @param firstStep its first step, from 1
 * @param lastStep its last
 */
record PhaseBand(Phase phase, int firstStep, int lastStep) {
  private static final double LETTER = 6.2;

  /** The phases of a run, in order. */
  static List<PhaseBand> of(RunHistory history) {
    List<PhaseBand> bands = new ArrayList<>();
    for (StepSpan span : history.spans()) {
      int last = bands.size() - 1;
      if (last >= 0 && bands.get(last).phase == span.phase()) {
        bands.set(last, new PhaseBand(span.phase(), bands.get(last).firstStep, span.lastStep()));
      } else {
        bands.add(new PhaseBand(span.phase(), span.firstStep(), span.lastStep()));
      }
    }
    return bands;
  }

  /** Names over a plot and lines where one phase gives way to the next. */
  static List<DomContent> draw(List<PhaseBand> bands, Scale x, double top, double bottom) {
    List<DomContent> shapes = new ArrayList<>();
    for (PhaseBand band : bands) {
      double left = x.at(band.firstStep - 1.0);
      double right = x.at(band.lastStep);
      if (band.firstStep > 1) {
        shapes.add(Svg.line(left, top - 14, left, bottom, "phase"));
      }
      String name = band.phase.code();
      if (right - left > name.length() * LETTER + 4) {
        shapes.add(Svg.text((left + right) / 2, top - 5, name, "label middle faint"));
      }
    }
    return shapes;
  }

  /** The axis under a plot: the first step, the last, and where phases change. */
  static List<DomContent> axis(List<PhaseBand> bands, Scale x, double bottom) {
    List<DomContent> shapes = new ArrayList<>();
    shapes.add(Svg.text(x.start(), bottom + 16, "step 0", "label faint"));
    double taken = x.start() + 50;
    double lastAt = bands.isEmpty() ? x.end() : x.at(bands.get(bands.size() - 1).lastStep);
    for (PhaseBand band : bands) {
      double at = x.at(band.lastStep);
      boolean last = band.lastStep == bands.get(bands.size() - 1).lastStep;
      if (last || (at > taken + 18 && at < lastAt - 40)) {
        shapes.add(
            Svg.text(
                at,
                bottom + 16,
                Integer.toString(band.lastStep),
                last ? "label end faint" : "label middle faint"));
        taken = at + 18;
      }
    }
    return shapes;
  }
}
