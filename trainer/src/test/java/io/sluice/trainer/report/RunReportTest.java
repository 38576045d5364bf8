package io.sluice.trainer.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.metric.LabelCounts;
import io.sluice.trainer.metric.SpanOverlap;
import io.sluice.trainer.metric.ValueFit;
import io.sluice.trainer.testing.TestingHistory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
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
    keep("many-kinds", report);
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
  void svg_survivorsOfTwoRanksThatCompileIntoOne_haveEachItsNamedLane() throws Exception {
    ReportData data = TestingReport.data(twoRanks(), LABELS);
    assertThat(data.manifest().structure())
        .extracting(entry -> entry.rank())
        .containsExactly(20, 20, 20, 4);
    RunReport report = RunReport.of(data);
    Document picture = parsed(report.svg());
    List<Double> lanes = ys(picture, "line", "lane", "y1");
    List<Element> adapters =
        elements(picture, "rect").stream()
            .filter(rect -> rect.getAttribute("class").equals("adapter"))
            .filter(rect -> rect.hasChildNodes())
            .toList();
    assertThat(adapters).hasSize(7);
    assertThat(adapters)
        .allSatisfy(
            adapter ->
                assertThat(lanes).contains(Double.parseDouble(adapter.getAttribute("y")) + 7));
    assertThat(ys(picture, "text", "tiny end", "y")).containsAll(plus(lanes, 4));
    assertThat(picture.getDocumentElement().getTextContent())
        .contains("7 of 24 candidates survived")
        .contains("compiled into 4 adapters")
        .contains("bottleneck sequential of rank 16 at point 3");
    assertThat(report.html()).contains("those of one kind at one point are one adapter");
  }

  @Test
  void html_moreUndecidedGatesThanAreShown_saysSo() {
    RunHistory history =
        TestingHistory.sound()
            .over(TestingHistory.candidates(List.of("low_rank", "scale_shift"), 4))
            .gates((i, step) -> 0.3 + 0.01 * i)
            .make();
    assertThat(RunReport.of(TestingReport.data(history, LABELS)).html())
        .contains("24 of 24; the 15 nearest to 50 % are these");
    assertThat(RunReport.of(TestingReport.data(TestingHistory.sound().make(), LABELS)).html())
        .doesNotContain("nearest to 50");
  }

  @Test
  void expected_gatesThatAreOpenAThirdOfTheTime_isAThirdOfTheirParameters() {
    RunHistory history = TestingHistory.sound().gates((i, step) -> 0.3).make();
    GateSums sums = new GateSums(history);
    double all = history.candidates().stream().mapToDouble(c -> c.parameters()).sum();
    assertThat(sums.expected(SearchedCandidate::parameters).get(20).value())
        .isCloseTo(0.3 * all, within(1e-6 * all));
    assertThat(sums.likely(SearchedCandidate::parameters).get(20).value()).isZero();
  }

  @Test
  void html_measures_areSharesInPerCentAndOthersAsNumbers() {
    String html = RunReport.of(TestingReport.data(TestingHistory.sound().make(), LABELS)).html();
    assertThat(html)
        .contains("accuracy</th><td>80.0 %</td><td>70.0 %</td>")
        .contains("matthews</th><td>0.613</td>")
        .contains("negative log likelihood</th><td>0.550</td>")
        .contains("bottleneck-sequential, low-rank");
  }

  @Test
  void html_eachKindOfTask_isWellFormedAndShowsWhatItHas() throws Exception {
    RunHistory history = TestingHistory.sound().make();
    for (int labels : List.of(2, 6, 20, 77)) {
      String page = checked("labels-" + labels, TestingReport.data(twoRanks(), names(labels)));
      assertThat(page.contains("class=\"matrix")).isEqualTo(labels <= 20);
      assertThat(page.contains("\"whole\"")).isEqualTo(labels == 20);
    }
    ValueFit fit = ValueFit.of(new double[] {1, 2, 3}, new double[] {1, 2.5, 3});
    assertThat(
            checked("values", TestingReport.data(history, List.of("score"), TaskKind.REGRESS, fit)))
        .doesNotContain("class=\"matrix")
        .contains("Loss, squared error a row")
        .doesNotContain("nats");
    SpanOverlap spans = SpanOverlap.of(List.of(List.of("a b"), List.of("")), List.of("b", ""));
    assertThat(
            checked("spans", TestingReport.data(history, List.of(), TaskKind.ANSWER_SPAN, spans)))
        .doesNotContain("class=\"matrix")
        .contains("Calibration");
    BitSet set = BitSet.valueOf(new long[] {5});
    LabelCounts sets = LabelCounts.of(List.of(set), List.of(set), 3);
    assertThat(checked("sets", TestingReport.data(history, LABELS, TaskKind.MULTI_LABEL, sets)))
        .contains("Calibration");
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

  /** One kind in two ranks at 12 points: both survive at 3, 6 and 9, the smaller alone at 12. */
  private static RunHistory twoRanks() {
    List<SearchedCandidate> all = new ArrayList<>();
    for (int point = 1; point <= TestingHistory.POINTS; point++) {
      for (int rank : List.of(4, 16)) {
        all.add(
            new SearchedCandidate(
                point, "bottleneck_sequential", rank, 528L * rank, 1056L * rank, 1000));
      }
    }
    return TestingHistory.sound()
        .over(all)
        .gates((i, step) -> 0.33)
        .survivors(i -> (i / 2 + 1) % 3 == 0 && i != 23 ? 1 : 0)
        .make();
  }

  private static String checked(String name, ReportData data) throws Exception {
    RunReport report = RunReport.of(data);
    keep(name, report);
    parsed(page(report));
    return report.html();
  }

  /** Left to be looked at. */
  private static void keep(String name, RunReport report) throws IOException {
    Path directory = Files.createDirectories(Path.of("target", "report"));
    Files.writeString(directory.resolve(name + ".html"), report.html());
  }

  private static List<Double> ys(Document picture, String name, String style, String attribute) {
    return elements(picture, name).stream()
        .filter(element -> element.getAttribute("class").equals(style))
        .map(element -> Double.parseDouble(element.getAttribute(attribute)))
        .toList();
  }

  private static List<Double> plus(List<Double> values, double more) {
    return values.stream().map(value -> value + more).toList();
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
