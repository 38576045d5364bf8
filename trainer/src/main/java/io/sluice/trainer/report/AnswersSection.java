package io.sluice.trainer.report;

import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.task.Confidence;
import io.sluice.trainer.task.Reliability;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is answered right and wrong, and whether the answers know: confusion and calibration. */
final class AnswersSection {
  private static final double LEFT = 52;
  private static final double RIGHT = 432;
  private static final double TOP = 34;
  private static final double BOTTOM = 212;

  private AnswersSection() {}

  /** The section; none for tasks whose answers have neither labels nor probabilities. */
  static Optional<ContainerTag<?>> draw(ReportData data) {
    List<ContainerTag<?>> figures = new ArrayList<>();
    if (data.dev() instanceof Confusion confusion) {
      figures.add(ConfusionFigure.draw(confusion, data.manifest().labels()));
    }
    if (!data.confidence().after().bins().isEmpty()) {
      figures.add(calibration(data.confidence()));
    }
    return figures.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Markup.element(
                "section",
                Markup.text("h2", "The answers to the dev rows"),
                Markup.element("div", figures).withClass("charts")));
  }

  private static ContainerTag<?> calibration(Confidence confidence) {
    List<Reliability.Bin> bins = confidence.after().bins();
    Scale x = new Scale(0, bins.size(), LEFT, RIGHT);
    Scale y = new Scale(0, 1, BOTTOM, TOP);
    List<DomContent> shapes = new ArrayList<>();
    for (double tick : List.of(0.0, 0.25, 0.5, 0.75, 1.0)) {
      shapes.add(Svg.line(LEFT, y.at(tick), RIGHT, y.at(tick), "grid"));
      shapes.add(Svg.text(LEFT - 6, y.at(tick) + 4, Figures.percent(tick, 0), "label end faint"));
      shapes.add(
          Svg.text(
              x.at(tick * bins.size()),
              BOTTOM + 16,
              Figures.percent(tick, 0),
              "label middle faint"));
    }
    for (int i = 0; i < bins.size(); i++) {
      Reliability.Bin bin = bins.get(i);
      if (bin.count() > 0) {
        double top = y.at(bin.meanWorth());
        shapes.add(
            Svg.hinted(
                Svg.rect(x.at(i) + 1.5, top, x.at(1) - x.at(0) - 3, BOTTOM - top, "bar"),
                hint(bin)));
        shapes.add(
            Svg.text(x.at(i + 0.5), TOP - 9, Long.toString(bin.count()), "tiny middle faint"));
      }
    }
    shapes.add(Svg.text(LEFT - 6, TOP - 9, "rows", "tiny end faint"));
    shapes.add(Svg.line(x.at(0), y.at(0), x.at(bins.size()), y.at(1), "curve c2 dashed"));
    String caption =
        String.format(
            Locale.ROOT,
            "How often answers are right (up) by their probability (across); calibration error %.3f"
                + " at temperature %.2f, %.3f without",
            confidence.after().error(),
            confidence.calibration().temperature(),
            confidence.before().error());
    return Markup.figure(
        caption,
        Svg.picture(
            "calibration",
            460,
            236,
            "Calibration",
            "A bar for each band of probability, as high as the share answered right; on the dashed"
                + " line both are equal. Numbers above are rows.",
            Svg.group(shapes)),
        table(caption, bins));
  }

  private static ContainerTag<?> table(String caption, List<Reliability.Bin> bins) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < bins.size(); i++) {
      Reliability.Bin bin = bins.get(i);
      boolean none = bin.count() == 0;
      rows.add(
          List.of(
              Figures.percent((double) i / bins.size(), 0)
                  + " to "
                  + Figures.percent((i + 1.0) / bins.size(), 0),
              Long.toString(bin.count()),
              Figures.percent(none ? Double.NaN : bin.meanScore(), 1),
              Figures.percent(none ? Double.NaN : bin.meanWorth(), 1)));
    }
    return Markup.table(
        caption, List.of("probability", "rows", "mean probability", "answered right"), rows);
  }

  private static String hint(Reliability.Bin bin) {
    return bin.count()
        + " rows, mean probability "
        + Figures.percent(bin.meanScore(), 1)
        + ", answered right "
        + Figures.percent(bin.meanWorth(), 1);
  }
}
