package io.sluice.trainer.report;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import j2html.tags.EmptyTag;
import j2html.tags.UnescapedText;
import java.util.List;
import java.util.stream.IntStream;

/** Elements of HTML and SVG. Texts and attribute values are escaped by j2html. */
public final class Markup {
  private Markup() {}

  /** An element with children. */
  public static ContainerTag<?> element(String name, DomContent... children) {
    return new ContainerTag<>(name).with(children);
  }

  /** An element with children. */
  public static ContainerTag<?> element(String name, List<? extends DomContent> children) {
    return new ContainerTag<>(name).with(children);
  }

  /** An element with text. */
  public static ContainerTag<?> text(String name, String text) {
    return new ContainerTag<>(name).withText(text);
  }

  /** An element that has no content and no end. */
  static EmptyTag<?> empty(String name) {
    return new EmptyTag<>(name);
  }

  /** Text of ours that is not to be escaped: a style sheet. */
  public static DomContent raw(String text) {
    return new UnescapedText(text);
  }

  /** An element of a class. */
  static ContainerTag<?> styled(String name, String style, DomContent... children) {
    return element(name, children).withClass(style);
  }

  /** A table: header cells, then rows; all cells but the first of a row are numbers. */
  static ContainerTag<?> table(String caption, List<String> header, List<List<String>> rows) {
    ContainerTag<?> head = element("tr");
    header.forEach(title -> head.with(text("th", title).attr("scope", "col")));
    List<ContainerTag<?>> body = rows.stream().<ContainerTag<?>>map(Markup::row).toList();
    return styled(
        "div",
        "scroll",
        element("table", text("caption", caption), element("thead", head), element("tbody", body)));
  }

  private static ContainerTag<?> row(List<String> cells) {
    List<ContainerTag<?>> all =
        IntStream.range(0, cells.size())
            .<ContainerTag<?>>mapToObj(
                i ->
                    i == 0
                        ? text("th", cells.get(i)).attr("scope", "row")
                        : text("td", cells.get(i)))
            .toList();
    return element("tr", all);
  }

  /** A picture with the table of its figures folded away beneath it. */
  static ContainerTag<?> figure(String caption, DomContent picture, DomContent table) {
    return element(
        "figure",
        text("figcaption", caption),
        picture,
        element("details", text("summary", "The figures as a table"), table));
  }
}
