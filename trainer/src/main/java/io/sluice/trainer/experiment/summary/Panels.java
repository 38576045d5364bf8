package io.sluice.trainer.experiment.summary;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.report.Markup;
import io.sluice.trainer.report.Svg;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A picture of small charts of one size, in rows, under a title. Confined to one thread; drawn
 * once.
 */
final class Panels {
  static final String PAPER = "paper";
  private static final Set<String> COLOURED =
      Set.of("learned", "full", "fixed", "random", "everywhere");
  private static final String STYLE = style();
  private static final double MARGIN = 16;
  private static final double GAP = 18;

  private final int columns;
  private final int count;
  private final double left;
  private final double head;
  private final double width;
  private final double height;
  private final List<DomContent> shapes = new ArrayList<>();

  /**
   * Where the panels are.
   *
   * @param count how many there are
   * @param left room in front of each row of panels
   * @param head room below the title
   * @param width of a panel
   * @param height of a panel
   */
  Panels(int count, double left, double head, double width, double height) {
    this.columns = Math.max(1, Math.min(count, 3));
    this.count = count;
    this.left = left;
    this.head = head;
    this.width = width;
    this.height = height;
  }

  /** Where a panel begins. */
  double x(int panel) {
    return MARGIN + left + panel % columns * (width + GAP);
  }

  /** Where a panel begins. */
  double y(int panel) {
    int line = panel / columns;
    return MARGIN + 24 + head + line * (height + GAP);
  }

  /** Whether a panel is the first of its row. */
  boolean first(int panel) {
    return panel % columns == 0;
  }

  void add(DomContent shape) {
    shapes.add(shape);
  }

  /** The picture as SVG text. */
  String svg(String name, String title, String description) {
    int lines = (count + columns - 1) / columns;
    double wide = 2 * MARGIN + left + columns * width + (columns - 1) * GAP;
    double high = 2 * MARGIN + 24 + head + lines * height + (lines - 1) * GAP;
    List<DomContent> all = new ArrayList<>();
    all.add(Markup.element("style", Markup.raw(STYLE)));
    all.add(Svg.rect(0, 0, wide, high, PAPER));
    all.add(Svg.text(MARGIN, MARGIN + 14, title, "title"));
    all.addAll(shapes);
    return Svg.picture(name, wide, high, title, description, Svg.group(all))
            .attr("width", Math.round(wide))
            .attr("height", Math.round(high))
            .withClass("chart")
            .render()
        + "\n";
  }

  /** How things of a method are coloured: {@code m-} for lines, {@code f-} for areas. */
  static String colour(String method) {
    return COLOURED.contains(method) ? method : "other";
  }

  private static String style() {
    try (InputStream sheet = Panels.class.getResourceAsStream("chart.css")) {
      return new String(requireNonNull(sheet, "chart.css").readAllBytes(), StandardCharsets.UTF_8)
          .replaceAll("\\s*\\n\\s*", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
