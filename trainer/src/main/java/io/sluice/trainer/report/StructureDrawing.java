package io.sluice.trainer.report;

import static io.sluice.trainer.report.Markup.element;

import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.diagnosis.UndecidedGates;
import io.sluice.trainer.history.RunHistory;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/**
 * What Sluice is for, in one picture: above, the encoder's blocks with the adapters that survived;
 * below, how every gate came to open or to close, a map for each form of candidate. It stands alone
 * as {@code structure.svg} and is part of the page.
 */
final class StructureDrawing {
  private static final double WIDTH = 880;
  private static final double MARGIN = 24;
  private static final double STRIP_TOP = 84;
  private static final double LANE = 20;
  private static final double LANE_NAME = 180;
  private static final double WIDE_ROW = 13;
  private static final double SMALL_ROW = 6;
  private static final int COLUMNS = 3;
  private static final double GAP = 26;

  private final ReportData data;
  private final RunHistory history;
  private final List<List<Integer>> forms;
  private final List<Integer> survivors;
  private final List<DrawnAdapter> adapters;
  private final List<DomContent> shapes = new ArrayList<>();
  private double bottom;

  private StructureDrawing(ReportData data) {
    this.data = data;
    this.history = data.history();
    this.forms = GateMap.forms(history);
    this.survivors = history.survivors();
    this.adapters = DrawnAdapter.of(data);
  }

  /** The picture with its own colours, for light and dark. */
  static ContainerTag<?> draw(ReportData data) {
    return new StructureDrawing(data).picture();
  }

  private ContainerTag<?> picture() {
    headline();
    strip();
    maps();
    legend();
    double height = bottom + MARGIN;
    ContainerTag<?> body =
        element("g", element("style", Markup.raw(Styles.DRAWING)))
            .with(Svg.rect(0, 0, WIDTH, height, "paper").attr("rx", "10"))
            .with(shapes)
            .withClass("drawing");
    return Svg.picture(
        "structure",
        WIDTH,
        height,
        "Where the adapters are and how their gates got there",
        description(),
        body);
  }

  private String description() {
    List<String> kept = adapters.stream().map(DrawnAdapter::said).toList();
    return "Of "
        + history.candidates().size()
        + " candidates at "
        + data.manifest().backbonePoints()
        + " insertion points these survived: "
        + (kept.isEmpty() ? "none" : String.join(", ", kept))
        + ".";
  }

  private void headline() {
    Manifest manifest = data.manifest();
    int compiled = manifest.structure().size();
    shapes.add(
        Svg.text(
            MARGIN,
            36,
            adapters.size()
                + " of "
                + history.candidates().size()
                + (history.searched() ? " candidates survived on " : " candidates were set on ")
                + manifest.backboneName(),
            "title"));
    shapes.add(
        Svg.text(
            MARGIN,
            55,
            (compiled == adapters.size() ? "" : "compiled into " + compiled + " adapters: ")
                + Figures.count(data.adapterParameters())
                + " parameters, "
                + Figures.percent((double) data.adapterParameters() / data.backboneParameters(), 2)
                + " of the encoder; "
                + Figures.brief(data.cost())
                + " of "
                + Figures.brief(history.budget())
                + " "
                + history.unit()
                + " used",
            "label faint"));
  }

  /** The encoder from left to right, a lane for each form that survived somewhere. */
  private void strip() {
    List<String> lanes = DrawnAdapter.lanes(history, adapters);
    boolean named = lanes.size() > 1;
    int points = data.manifest().backbonePoints();
    double left = named ? MARGIN + LANE_NAME : MARGIN;
    double pitch = (WIDTH - MARGIN - left) / points;
    double blocks = STRIP_TOP + Math.max(1, lanes.size()) * LANE;
    int trunk = data.manifest().cost().trunkBlocks();
    for (int lane = 0; named && lane < lanes.size(); lane++) {
      double y = STRIP_TOP + lane * LANE + 7;
      shapes.add(Svg.line(left, y, WIDTH - MARGIN, y, "lane"));
      shapes.add(Svg.text(left - 10, y + 4, lanes.get(lane), "tiny end"));
    }
    for (int point = 1; point <= points; point++) {
      block(left + (point - 1) * pitch, blocks, pitch, point, trunk);
    }
    for (DrawnAdapter adapter : adapters) {
      double y = STRIP_TOP + lanes.indexOf(adapter.form()) * LANE;
      adapter(left + (adapter.point() - 0.5) * pitch, y, blocks, Math.min(16, pitch - 4), adapter);
    }
    String said = lanes.size() == 1 ? "; adapters: " + lanes.get(0) : "";
    shapes.add(
        Svg.text(
            MARGIN,
            blocks + 54,
            "blocks of the encoder, input at the left; the first "
                + (trunk == 1 ? "is" : trunk + " are")
                + " the trunk, the same for every task"
                + said,
            "label faint"));
    bottom = blocks + 54;
  }

  private void block(double x, double y, double pitch, int point, int trunk) {
    shapes.add(
        Svg.hinted(
            Svg.rect(x + 1, y, pitch - 2, 20, point <= trunk ? "block trunk" : "block")
                .attr("rx", "3"),
            "block " + point + (point <= trunk ? ", trunk: the same for every task" : "")));
    if (pitch > 17 || point % 2 == 0) {
      shapes.add(Svg.text(x + pitch / 2, y + 34, Integer.toString(point), "tiny middle faint"));
    }
  }

  private void adapter(double x, double y, double blocks, double width, DrawnAdapter drawn) {
    shapes.add(Svg.line(x, y + 7, x, blocks, "stem"));
    shapes.add(
        Svg.hinted(
            Svg.rect(x - width / 2, y, width, 14, "adapter").attr("rx", "3"),
            "point "
                + drawn.point()
                + ": "
                + drawn.form()
                + ", "
                + Figures.count(drawn.parameters())
                + " parameters"));
  }

  private void maps() {
    double top = bottom + 52;
    if (forms.size() == 1) {
      Scale x = new Scale(0, history.steps(), MARGIN + 30, WIDTH - MARGIN - 130);
      GateMap map = new GateMap(history, forms.get(0), x, top, WIDE_ROW);
      map(map, forms.get(0), x, top);
      outcomes(map, forms.get(0), x.end() + 10);
      bottom = top + map.height() + 22;
      return;
    }
    double width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS;
    for (int i = 0; i < forms.size(); i++) {
      double left = MARGIN + (i % COLUMNS) * (width + GAP);
      Scale x = new Scale(0, history.steps(), left + 22, left + width - 12);
      if (i > 0 && i % COLUMNS == 0) {
        top = bottom + 46;
      }
      GateMap map = new GateMap(history, forms.get(i), x, top, SMALL_ROW);
      String form = history.candidates().get(forms.get(i).get(0)).form();
      shapes.add(Svg.text(x.start(), top - 20, form, "label"));
      map(map, forms.get(i), x, top);
      for (int row = 0; row < forms.get(i).size(); row++) {
        if (survivors.contains(forms.get(i).get(row))) {
          double y = map.rowTop(row) + SMALL_ROW / 2 - 0.5;
          shapes.add(Svg.circle(x.end() + 7, y, 2.6, "adapter"));
        }
      }
      bottom = Math.max(bottom, top + map.height() + 22);
    }
  }

  private void map(GateMap map, List<Integer> candidates, Scale x, double top) {
    List<PhaseBand> bands = PhaseBand.of(history);
    shapes.addAll(map.draw());
    shapes.addAll(PhaseBand.draw(bands, x, top, top + map.height()));
    shapes.addAll(PhaseBand.axis(bands, x, top + map.height()));
    boolean wide = forms.size() == 1;
    for (int row = 0; row < candidates.size(); row++) {
      int point = history.candidates().get(candidates.get(row)).point();
      if (wide || row % 4 == 3 || row == 0) {
        double y = map.rowTop(row) + (wide ? 9.5 : 5.5);
        shapes.add(Svg.text(x.start() - 6, y, Integer.toString(point), "tiny end faint"));
      }
    }
  }

  /** What became of each row, beside the only map. */
  private void outcomes(GateMap map, List<Integer> candidates, double x) {
    List<Double> atFreeze = history.atFreeze().open();
    List<Integer> undecided = UndecidedGates.undecided(history);
    shapes.add(Svg.text(x, map.rowTop(candidates.size() - 1) - 19, "P(open) at", "tiny faint"));
    shapes.add(Svg.text(x, map.rowTop(candidates.size() - 1) - 5, "the freeze", "tiny faint"));
    for (int row = 0; row < candidates.size(); row++) {
      int candidate = candidates.get(row);
      double y = map.rowTop(row) + 9.5;
      boolean kept = survivors.contains(candidate);
      shapes.add(
          Svg.text(
              x + 30,
              y,
              Figures.percent(atFreeze.get(candidate), 0),
              kept ? "tiny end" : "tiny end faint"));
      if (kept) {
        shapes.add(Svg.rect(x + 38, y - 8.5, 10, 10, "adapter").attr("rx", "2"));
        shapes.add(
            Svg.text(
                x + 53,
                y,
                Figures.brief(history.candidates().get(candidate).parameters()),
                "tiny"));
      }
      if (undecided.contains(candidate)) {
        shapes.add(Svg.text(x + 90, y, "undecided", "tiny warn").attr("textLength", "44"));
      }
    }
  }

  private void legend() {
    double y = bottom + 16;
    shapes.add(Svg.text(MARGIN, y + 9, "P(open)", "label faint"));
    double x = MARGIN + 52;
    shapes.add(Svg.text(x, y + 9, "0", "label faint"));
    for (int level = 0; level < GateMap.LEVELS; level++) {
      shapes.add(Svg.rect(x + 12 + level * 14, y, 13.5, 11, "p" + level));
    }
    shapes.add(Svg.text(x + 16 + GateMap.LEVELS * 14, y + 9, "1", "label faint"));
    shapes.add(
        Svg.text(
            x + 40 + GateMap.LEVELS * 14,
            y + 9,
            "insertion points upwards, steps of training to the right",
            "label faint"));
    shapes.add(Svg.rect(WIDTH - MARGIN - 62, y, 11, 11, "adapter").attr("rx", "2"));
    shapes.add(Svg.text(WIDTH - MARGIN - 46, y + 9, "survived", "label faint"));
    bottom = y + 12;
  }
}
