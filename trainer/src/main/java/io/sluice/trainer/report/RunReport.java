package io.sluice.trainer.report;

import static java.util.Objects.requireNonNull;

import j2html.tags.ContainerTag;
import j2html.tags.EmptyTag;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A run's report: a page and a picture, each a file that needs no other. Immutable.
 *
 * <p>Equal data give equal bytes, on every machine. Nothing in the page is fetched and nothing is
 * run: it says so itself by its content security policy.
 */
public final class RunReport {
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private final String html;
  private final String svg;

  private RunReport(String html, String svg) {
    this.html = html;
    this.svg = svg;
  }

  /** The report of a run. */
  public static RunReport of(ReportData data) {
    requireNonNull(data, "data");
    return new RunReport(
        "<!DOCTYPE html>\n" + page(data).render() + "\n",
        StructureDrawing.draw(data).render() + "\n");
  }

  /** The page. */
  public String html() {
    return html;
  }

  /** The picture of the structure alone. */
  public String svg() {
    return svg;
  }

  /** Both as a bundle attaches them, by name. */
  public Map<String, byte[]> attachments() {
    return Map.of(
        "report.html",
        html.getBytes(StandardCharsets.UTF_8),
        "structure.svg",
        svg.getBytes(StandardCharsets.UTF_8));
  }

  private static ContainerTag<?> page(ReportData data) {
    ContainerTag<?> main =
        Markup.element(
            "main",
            SummarySection.draw(data),
            SummarySection.findings(data),
            StructureSection.draw(data),
            CourseSection.draw(data));
    AnswersSection.draw(data).ifPresent(main::with);
    main.with(ProvenanceSection.draw(data.manifest()));
    return Markup.element("html", head(data), Markup.element("body", main)).attr("lang", "en");
  }

  private static ContainerTag<?> head(ReportData data) {
    return Markup.element(
        "head",
        meta("charset", "utf-8"),
        meta("http-equiv", "Content-Security-Policy").attr("content", POLICY),
        meta("name", "viewport").attr("content", "width=device-width, initial-scale=1"),
        meta("name", "color-scheme").attr("content", "light dark"),
        Markup.text("title", "Training report: " + data.manifest().backboneName()),
        Markup.element("style", Markup.raw(Styles.PAGE)));
  }

  private static EmptyTag<?> meta(String name, String value) {
    return Markup.empty("meta").attr(name, value);
  }
}
