package io.sluice.trainer.report;

import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Evaluation;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * True labels against answers: a matrix while that can be read, else the most frequent mistakes. A
 * matrix that is too wide for half of the page has its labels upright, and the whole width if that
 * is not enough.
 */
final class ConfusionFigure {
  private static final int MOST_LABELS = 20;
  private static final int MOST_ROOMY = 12;
  private static final int MOST_MISTAKES = 20;
  private static final int MOST_LETTERS = 24;
  private static final double HALF = 440;
  private static final double LETTER = 7.4;
  private static final double CELL = 44;
  private static final double RECALL = 56;
  private static final double PADDING = 12;

  private ConfusionFigure() {}

  static ContainerTag<?> draw(Confusion confusion, List<String> labels) {
    if (labels.size() > MOST_LABELS) {
      return Markup.element(
          "figure",
          Markup.text("figcaption", "Wrong answers, " + confusion.total() + " rows in all"),
          mistakes(confusion, labels));
    }
    String caption =
        "Rows by true label (down) and answer (across), " + confusion.total() + " in all";
    ContainerTag<?> figure = Markup.element("figure", Markup.text("figcaption", caption));
    double across = labels.stream().mapToDouble(ConfusionFigure::width).sum();
    double named = labels.stream().mapToDouble(ConfusionFigure::width).max().orElse(0) + RECALL;
    boolean upright = named + across > HALF;
    boolean wide = upright && named + labels.size() * CELL > HALF;
    return figure
        .with(
            matrix(confusion, labels, caption, upright),
            Markup.element(
                "details",
                Markup.text("summary", "The most frequent mistakes"),
                mistakes(confusion, labels)))
        .withCondClass(wide, "whole");
  }

  private static double width(String label) {
    return Math.max(CELL, Math.min(MOST_LETTERS, label.length()) * LETTER + PADDING);
  }

  private static ContainerTag<?> mistakes(Confusion confusion, List<String> labels) {
    List<Evaluation.Mistake> mistakes = confusion.mistakes();
    int shown = Math.min(MOST_MISTAKES, mistakes.size());
    String caption =
        mistakes.isEmpty()
            ? "No wrong answer"
            : "The "
                + shown
                + " most frequent wrong answers, of "
                + mistakes.size()
                + " different ones";
    return Markup.element(
        "div",
        Markup.text("p", caption).withClass("faint note"),
        Markup.table(
                caption,
                List.of("true label", "answer", "rows"),
                mistakes.stream().limit(shown).map(m -> row(m, labels)).toList())
            .withClass("scroll named labels"));
  }

  private static List<String> row(Evaluation.Mistake mistake, List<String> labels) {
    return List.of(
        labels.get(mistake.truth()), labels.get(mistake.answer()), Long.toString(mistake.rows()));
  }

  private static ContainerTag<?> matrix(
      Confusion confusion, List<String> labels, String caption, boolean upright) {
    int size = labels.size();
    ContainerTag<?> head = Markup.element("tr", Markup.text("td", ""));
    labels.forEach(label -> head.with(heading(label)));
    head.with(heading("recall, %"));
    List<DomContent> rows = new ArrayList<>();
    for (int truth = 0; truth < size; truth++) {
      int of = truth;
      long[] counts = IntStream.range(0, size).mapToLong(a -> confusion.count(of, a)).toArray();
      ContainerTag<?> row =
          Markup.element("tr", Markup.text("th", labels.get(truth)).attr("scope", "row"));
      for (long count : counts) {
        row.with(
            Markup.text("td", Long.toString(count))
                .withClass("cell b" + GateMap.level(share(count, counts, 0))));
      }
      rows.add(row.with(percent(share(counts[truth], counts, Double.NaN))));
    }
    ContainerTag<?> last =
        Markup.element("tr", Markup.text("th", "precision, %").attr("scope", "row"));
    for (int answer = 0; answer < size; answer++) {
      int of = answer;
      long[] counts = IntStream.range(0, size).mapToLong(t -> confusion.count(t, of)).toArray();
      last.with(percent(share(counts[answer], counts, Double.NaN)));
    }
    rows.add(last.with(Markup.text("td", "")));
    return Markup.styled(
            "div",
            "scroll",
            Markup.element(
                    "table",
                    Markup.text("caption", caption),
                    Markup.element("thead", head),
                    Markup.element("tbody", rows))
                .withClass(style(size, upright)))
        .attr("tabindex", "0");
  }

  private static String style(int labels, boolean upright) {
    String style = upright ? "matrix upright" : "matrix";
    return labels > MOST_ROOMY ? style + " dense" : style;
  }

  /** A label over its column, shortened; the row of the same label has all of it. */
  private static ContainerTag<?> heading(String label) {
    boolean fits = label.length() <= MOST_LETTERS;
    String shown = fits ? label : label.substring(0, MOST_LETTERS - 1) + "…";
    ContainerTag<?> cell = Markup.element("th", Markup.text("span", shown)).attr("scope", "col");
    return fits ? cell : cell.attr("title", label);
  }

  private static ContainerTag<?> percent(double share) {
    return Markup.text("td", Double.isNaN(share) ? "–" : Long.toString(Math.round(100 * share)));
  }

  private static double share(long count, long[] all, double ofNone) {
    long sum = Arrays.stream(all).sum();
    return sum == 0 ? ofNone : (double) count / sum;
  }
}
