package io.sluice.trainer.report;

import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.diagnosis.UndecidedGates;
import io.sluice.trainer.history.GateRow;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The structure: its picture, the survivors with what they cost, the gates left undecided. */
final class StructureSection {
  private static final List<Double> MOMENTS = List.of(0.1, 0.2, 0.3, 0.45, 0.6, 0.7);
  private static final int MOST_UNDECIDED = 15;

  private final ReportData data;
  private final RunHistory history;

  private StructureSection(ReportData data) {
    this.data = data;
    this.history = data.history();
  }

  static ContainerTag<?> draw(ReportData data) {
    StructureSection section = new StructureSection(data);
    return Markup.element(
        "section",
        Markup.text("h2", "The structure"),
        Markup.figure(
                "Above, the encoder with the adapters that survived; below, P(open) of every gate"
                    + " through training",
                Markup.styled("div", "scroll", StructureDrawing.draw(data)),
                section.gates())
            .withClass("wide"),
        Markup.styled("div", "charts", section.survivors(), section.undecided()));
  }

  /** P(open) of every gate at a few moments. */
  private ContainerTag<?> gates() {
    List<GateRow> moments = new ArrayList<>();
    for (double moment : MOMENTS) {
      history.gates().stream()
          .filter(row -> row.step() <= moment * history.steps())
          .reduce((first, second) -> second)
          .ifPresent(moments::add);
    }
    GateRow freeze = history.atFreeze();
    moments.removeIf(row -> row.step() >= freeze.step());
    moments.add(freeze);
    List<String> header = new ArrayList<>(List.of("point", "candidate"));
    moments.forEach(row -> header.add("step " + row.step()));
    header.add("in the end");
    List<Integer> survivors = history.survivors();
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < history.candidates().size(); i++) {
      SearchedCandidate candidate = history.candidates().get(i);
      List<String> cells = new ArrayList<>();
      cells.add(Integer.toString(candidate.point()));
      cells.add(candidate.form());
      for (GateRow row : moments) {
        cells.add(Figures.percent(row.open().get(i), 0));
      }
      cells.add(survivors.contains(i) ? "survived" : "closed");
      rows.add(cells);
    }
    return Markup.table("P(open) through training", header, rows)
        .withClass("scroll tall named")
        .attr("tabindex", "0");
  }

  private ContainerTag<?> survivors() {
    List<List<String>> rows = new ArrayList<>();
    for (PointEntry entry : data.manifest().structure()) {
      rows.add(
          List.of(
              Integer.toString(entry.point()),
              DrawnAdapter.form(entry),
              Figures.count(entry.parameters()),
              Figures.count(entry.flopsPerToken())));
    }
    rows.add(
        List.of(
            "head",
            data.manifest().head().kind(),
            Figures.count(data.manifest().head().parameters()),
            Figures.count(data.manifest().head().flopsPerToken())));
    String caption =
        DrawnAdapter.compiledOtherwise(data)
            ? "The survivors as compiled and what they cost: those of one kind at one point are one"
                + " adapter, without units that do nothing"
            : "The survivors and what they cost";
    return Markup.element(
        "figure",
        Markup.text("figcaption", caption),
        Markup.table(caption, List.of("point", "adapter", "parameters", "FLOPs a token"), rows)
            .withClass("scroll named"));
  }

  private ContainerTag<?> undecided() {
    List<Integer> undecided = UndecidedGates.undecided(history);
    List<Integer> survivors = history.survivors();
    List<Double> open = history.atFreeze().open();
    List<List<String>> rows =
        undecided.stream()
            .sorted(Comparator.comparingDouble(i -> Math.abs(open.get(i) - 0.5)))
            .limit(MOST_UNDECIDED)
            .map(
                i ->
                    List.of(
                        Integer.toString(history.candidates().get(i).point()),
                        history.candidates().get(i).form(),
                        Figures.percent(open.get(i), 0),
                        survivors.contains(i) ? "survived" : "closed"))
            .toList();
    String caption =
        undecided.isEmpty()
            ? history.searched() ? "No gate was undecided at the freeze" : "No gates"
            : "Undecided at the freeze: P(open) from 25 % to 75 %, "
                + undecided.size()
                + " of "
                + history.candidates().size()
                + (undecided.size() > rows.size()
                    ? "; the " + rows.size() + " nearest to 50 % are these"
                    : "");
    ContainerTag<?> figure = Markup.element("figure", Markup.text("figcaption", caption));
    return undecided.isEmpty()
        ? figure.with(
            Markup.text(
                    "p",
                    history.searched()
                        ? "Another seed would likely choose the same."
                        : "The structure was set before the first step.")
                .withClass("faint"))
        : figure.with(
            Markup.table(caption, List.of("point", "candidate", "P(open)", "outcome"), rows)
                .withClass("scroll named"));
  }
}
