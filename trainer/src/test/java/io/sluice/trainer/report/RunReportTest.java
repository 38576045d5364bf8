package io.sluice.trainer.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.testing.TestingHistory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class RunReportTest {
  private static final int MOST_BYTES = 300_000;
  private static final List<String> LABELS = List.of("book", "cancel", "price");

  @Test
  void of_anyRun_isWellFormedAndNeedsNothingElse() throws Exception {
    RunReport report = RunReport.of(TestingReport.data(TestingHistory.sound().make(), LABELS));
    Document page = parsed(page(report));
    Document picture = parsed(report.svg());
    assertThat(picture.getDocumentElement().getTagName()).isEqualTo("svg");
    for (String text : List.of(report.html(), report.svg())) {
      assertThat(text.replace(Svg.NAMESPACE, ""))
          .doesNotContain("http:", "https:", "src=", "href=", "url(", "@import", "<script");
    }
    assertThat(elements(page, "svg")).hasSize(8).allSatisfy(RunReportTest::requireDescribed);
  }

  @Test
  void of_anyRun_hasATableForEachFigure() throws Exception {
    RunReport report = RunReport.of(TestingReport.data(TestingHistory.sound().make(), LABELS));
    assertThat(elements(parsed(page(report)), "figure"))
        .hasSizeGreaterThan(10)
        .allSatisfy(
            figure ->
                assertThat(
                        figure.getElementsByTagName("table").getLength()
                            + figure.getElementsByTagName("p").getLength())
                    .isPositive());
  }

  @Test
  void of_sameData_isTheSameInEveryLocale() {
    ReportData data = TestingReport.data(TestingHistory.sound().make(), LABELS);
    String before = RunReport.of(data).html();
    Locale locale = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(RunReport.of(data).html()).isEqualTo(before);
    } finally {
      Locale.setDefault(locale);
    }
  }

  @Test
  void of_labelsThatAreMarkup_showsThemAsText() throws Exception {
    List<String> labels = List.of("<script>alert(1)</script>", "\"quoted\" & 'so'");
    RunReport report = RunReport.of(TestingReport.data(TestingHistory.sound().make(), labels));
    assertThat(report.html()).doesNotContain("<script>");
    assertThat(parsed(page(report)).getDocumentElement().getTextContent())
        .contains(labels.get(0))
        .contains(labels.get(1));
  }

  @Test
  void of_twentyFourPointsThirteenFormsAndSeventySevenLabels_isSmall() throws IOException {
    ReportData data = TestingReport.data(manyKinds(), names(77));
    RunReport report = RunReport.of(data);
    // To be looked at.
    Path directory = Files.createDirectories(Path.of("target", "report"));
    Files.writeString(directory.resolve("many-kinds.html"), report.html());
    assertThat(report.html().getBytes(UTF_8)).hasSizeLessThan(MOST_BYTES);
    assertThat(report.svg().getBytes(UTF_8)).hasSizeLessThan(MOST_BYTES);
  }

  @Test
  void svg_survivors_areNamedInItsDescriptionAndDrawnOnceInTheStrip() throws Exception {
    Document picture =
        parsed(RunReport.of(TestingReport.data(TestingHistory.sound().make(), LABELS)).svg());
    assertThat(elements(picture, "desc").get(0).getTextContent())
        .contains("Of 12 candidates at 12 insertion points")
        .contains("at point 3, ", "at point 6, ", "at point 9, ", "at point 12.")
        .doesNotContain("at point 4");
    assertThat(elements(picture, "line"))
        .filteredOn(line -> line.getAttribute("class").equals("stem"))
        .hasSize(4);
  }

  @Test
  void level_coversZeroToOne() {
    assertThat(GateMap.level(0)).isZero();
    assertThat(GateMap.level(1)).isEqualTo(GateMap.LEVELS - 1);
    assertThat(GateMap.level(0.5)).isIn(5, 6);
  }

  /** Four kinds, three of them in four ranks, at 24 points; the gates wander. */
  private static RunHistory manyKinds() {
    List<SearchedCandidate> all = new ArrayList<>();
    for (int point = 1; point <= 24; point++) {
      for (String kind : List.of("bottleneck_parallel", "bottleneck_sequential", "low_rank")) {
        for (int rank : List.of(4, 8, 16, 32)) {
          all.add(new SearchedCandidate(point, kind, rank, 528L * rank, 1056L * rank, 1000));
        }
      }
      all.add(new SearchedCandidate(point, "scale_shift", 0, 512, 512, 1000));
    }
    return TestingHistory.sound()
        .over(all)
        .budget(20_000)
        .gates(
            (i, step) ->
                step < TestingHistory.RAMP
                    ? 1
                    : 0.5 + 0.5 * Math.sin(i * 0.37 + step * 0.011) * Math.min(1, step / 200.0))
        .survivors(i -> i % 19 == 3 ? 1 : 0)
        .make();
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "label_number_" + i).toList();
  }

  private static void requireDescribed(Element svg) {
    assertThat(svg.getAttribute("role")).isEqualTo("img");
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isNotBlank();
    assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).isNotBlank();
  }

  /** The page without what HTML allows and XML does not. */
  private static String page(RunReport report) {
    return report.html().replace("<!DOCTYPE html>", "").replaceAll("<meta [^>]*>", "");
  }

  private static List<Element> elements(Document document, String name) {
    NodeList found = document.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static Document parsed(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }
}
