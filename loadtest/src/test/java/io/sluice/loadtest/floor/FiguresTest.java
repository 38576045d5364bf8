package io.sluice.loadtest.floor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.Digest;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.Environment;
import io.sluice.loadtest.report.ReportJson;
import io.sluice.loadtest.report.Spread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void spread_ofValues_hasMedianQuartilesAndExtremes() {
    assertThat(Spread.of(List.of(5.0, 1.0, 4.0, 2.0, 3.0))).isEqualTo(new Spread(5, 3, 2, 4, 1, 5));
    assertThat(Spread.of(List.of(1.0, 2.0))).isEqualTo(new Spread(2, 1.5, 1.25, 1.75, 1, 2));
    assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratio_latencyAndThroughput_aboveOneIsDearer() {
    Ratio latency =
        Ratio.of(measurement(Series.SERVED_TEXT, 4, 6, 5), measurement(Series.PLAIN_TEXT, 2, 2, 5));
    assertThat(latency.ofMedians()).isCloseTo(2.5, within(1e-9));
    assertThat(latency.perRepeat()).isEqualTo(Spread.of(List.of(2.0, 3.0, 1.0)));
    Ratio throughput =
        Ratio.of(measurement(Series.SERVED_8X32, 50), measurement(Series.PLAIN_8X32, 100));
    assertThat(throughput.ofMedians()).isCloseTo(2, within(1e-9));
    assertThatThrownBy(
            () -> Ratio.of(measurement(Series.SERVED_TEXT, 1), measurement(Series.PLAIN_8X32, 1)))
        .hasMessageContaining("PLAIN_8X32");
  }

  @Test
  void stages_ofReplies_restIsWhatNobodyClaims() {
    Exchange.Reply reply = new Exchange.Reply("d", 1, "yes", 3, 1_000, 2_000, 40_000);
    Stages stages =
        Stages.of(
            List.of(
                new Exchange(0, "task", 0, 0, 50_000, Exchange.OK, reply),
                new Exchange(0, "task", 0, 0, 9, "CANCELLED", null)));
    assertThat(stages.compute().count()).isEqualTo(1);
    assertThat((double) stages.rest().p50Nanos()).isCloseTo(7_000, within(10.0));
  }

  @Test
  void latencies_ofExchanges_countFromTheIntendedSend() {
    Exchange.Reply reply = new Exchange.Reply("d", 1, "yes", 3, 0, 0, 0);
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      exchanges.add(new Exchange(0, "task", 0, 500, 1_000L * i, Exchange.OK, reply));
    }
    Latencies latencies = Latencies.of(exchanges);
    assertThat((double) latencies.p50Nanos()).isCloseTo(50_000, within(50.0));
    assertThat((double) latencies.p99Nanos()).isCloseTo(99_000, within(100.0));
    assertThat((double) latencies.maxNanos()).isCloseTo(100_000, within(100.0));
    assertThat(Latencies.of(List.of())).isEqualTo(Latencies.NONE);
  }

  @Test
  void markdown_ofAReport_hasEveryFigureInTables() {
    String text = FloorBench.of(report()).markdown();
    assertThat(text)
        .contains("A processor, 2 cores")
        .contains("| server over gRPC: 1 client, texts of 32 tokens | 4.00 [4.00, 4.00] |")
        .contains("| one text: served / untouched | 2.00 | 2.00 [2.00, 2.00], 2.00 to 2.00 |")
        .contains("| 10 | 19.0 | 1024 | 100 | 1 |")
        .contains("costs 12.0 MiB per task")
        .contains("Refused requests: {UNAVAILABLE=3}")
        .endsWith("\n");
    for (String line : text.lines().filter(line -> line.startsWith("|")).toList()) {
      assertThat(line).endsWith("|");
    }
  }

  @Test
  void json_ofAReport_readsBackWithTheSameFigures() throws Exception {
    FloorReport report = report();
    JsonNode json = new ObjectMapper().readTree(ReportJson.write(report));
    assertThat(json.get("measurements")).hasSize(Series.values().length);
    assertThat(json.at("/measurements/0/repeats/0").asDouble()).isEqualTo(2_000);
    assertThat(json.at("/settings/series").asText()).isEqualTo("PT1S");
    assertThat(json.get("bundle").asText()).isEqualTo(report.bundle().toString());
    assertThat(json.at("/memory/steps/1/tasks").asInt()).isEqualTo(10);
    assertThat(json.at("/failures/UNAVAILABLE").asInt()).isEqualTo(3);
    assertThat(report.overheadMicros()).isEqualTo(2_000);
  }

  private static FloorReport report() {
    List<Measurement> measurements = new ArrayList<>();
    for (Series series : Series.values()) {
      double figure = series.name().startsWith("SERVED") ? 4_000 : 2_000;
      measurements.add(measurement(series, figure, figure));
    }
    List<Ratio> ratios =
        FloorReport.COMPARISONS.stream()
            .map(
                pair ->
                    Ratio.of(of(measurements, pair.getKey()), of(measurements, pair.getValue())))
            .toList();
    SortedMap<String, Long> failures = new TreeMap<>();
    failures.put("UNAVAILABLE", 3L);
    return new FloorReport(
            new Environment("A processor", 2, "a JVM", "an OS", "1.2.3", 2, 0.5),
            "a backbone",
            Digest.of(new byte[1]),
            "a structure",
            new FloorSettings(2, Duration.ofSeconds(1), 1),
            measurements,
            ratios,
            Stages.of(List.of()),
            failures,
            null)
        .withMemory(
            new MemoryReport(
                List.of(
                    new MemoryReport.Step(0, 9 << 20, 0, 0),
                    new MemoryReport.Step(10, 19 << 20, 1_024_000, 1)),
                12 << 20));
  }

  private static Measurement of(List<Measurement> measurements, Series series) {
    return measurements.stream().filter(one -> one.series() == series).findFirst().orElseThrow();
  }

  private static Measurement measurement(Series series, double... repeats) {
    List<Double> values = new ArrayList<>();
    for (double repeat : repeats) {
      values.add(repeat);
    }
    return new Measurement(series, values, values, Latencies.NONE);
  }
}
