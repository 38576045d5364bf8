package io.sluice.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class BenchReportTest {
  private static final Environment HERE =
      new Environment("A processor", 2, "a JVM", "an OS", "1.2.3", 2, 0.5);

  @TempDir Path folder;

  @Test
  void write_report_isMarkdownJsonAndDrawing() throws Exception {
    Chart chart =
        Chart.of("rate", "Rate & more", "tasks", "a second")
            .logarithmic()
            .with("falling", List.of(point(1, 30), point(10, 20), point(100, 10)));
    List<Path> files = ReportFolder.write(folder, report(1.2, chart));

    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("made-up.json", "made-up.md", "made-up-rate.svg");
    JsonNode json = new ObjectMapper().readTree(files.get(0).toFile());
    assertThat(json.get("met").booleanValue()).isFalse();
    assertThat(json.get("figures").get(0).doubleValue()).isEqualTo(1.5);
    assertThat(Files.readString(files.get(1)))
        .contains("A processor", "- cost: 1.200 (target: <= 1.100): MISSED")
        .contains("| Load | p50 |\n|---|--:|\n| one | 3 |")
        .contains("![Rate & more](made-up-rate.svg)");
    Document drawing =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(files.get(2).toFile());
    NodeList dots = drawing.getElementsByTagName("circle");
    assertThat(dots.getLength()).isEqualTo(3);
    // Decades are equally far apart, and less is lower.
    assertThat(number(dots, 2, "cx") - number(dots, 1, "cx"))
        .isCloseTo(number(dots, 1, "cx") - number(dots, 0, "cx"), within(0.2));
    assertThat(number(dots, 0, "cy")).isLessThan(number(dots, 1, "cy"));
  }

  @Test
  void met_figureOnTheRightSide_isMet() {
    assertThat(report(1.1, Chart.of("c", "t", "x", "y")).met()).isTrue();
    assertThat(Verdict.atLeast("share", 0.9, 0.9, "").met()).isTrue();
    assertThat(Verdict.atMost("none", Double.NaN, 1, "").met()).isFalse();
  }

  @Test
  void line_figureBelowAThousandth_isNotRoundedToNothing() {
    assertThat(Verdict.atMost("difference", 0.0004, 0.00001, "").line())
        .isEqualTo("difference: 4.0e-04 (target: <= 1.0e-05): MISSED");
    assertThat(Verdict.atMost("refused", 0, 0, "rows").line())
        .isEqualTo("refused: 0 rows (target: <= 0 rows): met");
  }

  @Test
  void with_rowOfAnotherWidth_isRefused() {
    assertThatThrownBy(() -> Sheet.of("a", "b").with("one")).hasMessageContaining("expected: 2");
  }

  private static BenchReport report(double cost, Chart chart) {
    return new BenchReport(
        "made-up",
        HERE,
        List.of("A fact."),
        List.of(Verdict.atMost("cost", cost, 1.1, "")),
        List.of(Sheet.of("Load", "p50").with("one", "3")),
        List.of(chart),
        List.of(1.5));
  }

  private static Chart.Point point(double x, double y) {
    return new Chart.Point(x, y);
  }

  private static double number(NodeList dots, int index, String name) {
    return Double.parseDouble(((Element) dots.item(index)).getAttribute(name));
  }
}
