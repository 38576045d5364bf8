package io.sluice.trainer.report;

import static io.sluice.trainer.report.Markup.element;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.List;

/** Shapes of SVG; coordinates in user units with at most one decimal. */
public final class Svg {
  public static final String NAMESPACE = "http://www.w3.org/2000/svg";

  private Svg() {}

  /**
   * A picture.
   *
   * @param id prefix of the ids of its title and description, one of a kind within a page
   * @param title what it shows; read out by screen readers
   * @param description what is to be seen in it
   */
  public static ContainerTag<?> picture(
      String id, double width, double height, String title, String description, DomContent body) {
    return element(
            "svg",
            Markup.text("title", title).withId(id + "-title"),
            Markup.text("desc", description).withId(id + "-desc"),
            body)
        .attr("xmlns", NAMESPACE)
        .attr("viewBox", "0 0 " + Figures.coordinate(width) + " " + Figures.coordinate(height))
        .attr("role", "img")
        .attr("aria-labelledby", id + "-title " + id + "-desc");
  }

  public static ContainerTag<?> group(List<? extends DomContent> children) {
    return element("g", children);
  }

  public static ContainerTag<?> rect(
      double x, double y, double width, double height, String style) {
    return at(element("rect"), "x", x, "y", y, "width", width, "height", height).withClass(style);
  }

  public static ContainerTag<?> line(double x1, double y1, double x2, double y2, String style) {
    return at(element("line"), "x1", x1, "y1", y1, "x2", x2, "y2", y2).withClass(style);
  }

  public static ContainerTag<?> circle(double x, double y, double radius, String style) {
    return at(element("circle"), "cx", x, "cy", y, "r", radius).withClass(style);
  }

  public static ContainerTag<?> path(String data, String style) {
    return element("path").attr("d", data).withClass(style);
  }

  /** A text at its base line; the style says where it is anchored. */
  public static ContainerTag<?> text(double x, double y, String text, String style) {
    return at(Markup.text("text", text), "x", x, "y", y).withClass(style);
  }

  /** A shape with a hint that shows while the pointer rests on it. */
  public static ContainerTag<?> hinted(ContainerTag<?> shape, String hint) {
    return shape.with(Markup.text("title", hint));
  }

  private static ContainerTag<?> at(ContainerTag<?> shape, Object... namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      shape.attr(
          (String) namesAndValues[i],
          Figures.coordinate(((Number) namesAndValues[i + 1]).doubleValue()));
    }
    return shape;
  }
}
