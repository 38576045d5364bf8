package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cli.command.SluiceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every benchmark for a moment on a small encoder with a real server process. What they find here
 * says nothing of speed, so missed targets are no failures; wrong answers are.
 */
@Timeout(240)
class BenchIT {
  private static final String BACKBONE = "random:1x32";

  @TempDir Path folder;

  @Test
  void load_someRates_areAllAnsweredAndWritten() throws IOException {
    JsonNode found =
        bench("load", "--seconds", "0.5", "--repeats", "1", "--rates", "20,60", "--tasks", "3");

    assertThat(found.get("figures").get("steps")).hasSize(2);
    for (JsonNode step : found.get("figures").get("steps")) {
      JsonNode window = step.get("windows").get(0);
      assertThat(window.get("asked").longValue())
          .isEqualTo(window.get("latencies").get("count").longValue())
          .isPositive();
      assertThat(window.get("refused")).isEmpty();
    }
    assertThat(folder.resolve("load-latency.svg")).isNotEmptyFile();
    assertThat(folder.resolve("load.md")).isNotEmptyFile();
  }

  @Test
  void overload_threeTimes_refusesInOneWayOnly() throws IOException {
    JsonNode found = bench("overload", "--seconds", "0.7", "--repeats", "1");

    assertThat(verdict(found, "refusals other than RESOURCE_EXHAUSTED")).isZero();
  }

  @Test
  void tasks_someCounts_areAnsweredByTheirOwnBundles() throws IOException {
    JsonNode found =
        bench(
            "tasks",
            "--counts",
            "1,12",
            "--points",
            "1",
            "--seconds",
            "0.3",
            "--repeats",
            "1",
            "--peer-memory",
            "64");

    assertThat(verdict(found, "requests refused, and answers by another bundle")).isZero();
    assertThat(found.get("figures").get("peer").get("sessions").intValue()).isBetween(1, 12);
  }

  @Test
  void multi_fourTasks_getTheAnswersOfRequestsOfTheirOwn() throws IOException {
    JsonNode found =
        benchOn("random:2x32", "multi", "--tasks", "4", "--texts", "5", "--repeats", "1");

    assertThat(verdict(found, "largest difference of a score from that of a request of its own"))
        .isLessThan(1e-5);
    assertThat(found.get("figures").get("layersShared").intValue()).isPositive();
    assertThat(Files.readString(folder.resolve("multi.md")))
        .contains("By the lowest adapter's place", "point 3", "point 4");
  }

  @Test
  void swap_underLoad_failsNothingAndAnswersRight() throws IOException {
    JsonNode found = bench("swap", "--seconds", "1", "--repeats", "1", "--fresh", "3");

    assertThat(verdict(found, "failed requests")).isZero();
    assertThat(verdict(found, "replies of a wrong generation or bundle")).isZero();
    assertThat(found.get("figures").get("activations").get("count").longValue()).isPositive();
  }

  @Test
  void soak_everythingAtOnce_endsAsItMayAndServes() throws IOException {
    JsonNode found =
        bench("soak", "--minutes", "0.15", "--sample-every", "1", "--changes-per-second", "20");

    assertThat(found.get("figures").get("unexpected")).isEmpty();
    assertThat(verdict(found, "unexpected ends")).isZero();
    assertThat(verdict(found, "server runs at the end")).isEqualTo(1);
    assertThat(found.get("figures").get("vitals")).hasSizeGreaterThan(5);
  }

  @Test
  void precision_bothServers_areAsked() throws IOException {
    JsonNode found = bench("precision", "--seconds", "0.3", "--repeats", "1");

    assertThat(found.get("figures").get("sameLabel").intValue())
        .isLessThanOrEqualTo(found.get("figures").get("texts").intValue())
        .isPositive();
  }

  @Test
  void bench_wrongInput_isTheUsers() {
    for (List<String> wrong :
        List.of(
            List.of("load", "--tasks", "0"),
            List.of("load", "--rates", "-1"),
            List.of("multi", "--tasks", "65"),
            List.of("tasks", "--counts", "0"),
            List.of("tasks", "--points", "3"),
            List.of("overload", "--seconds", "0"),
            List.of("soak", "--minutes", "0.001"),
            List.of("swap", "--swaps-per-second", "0"),
            List.of("multi", "--tokens", "2"))) {
      List<Object> arguments = new ArrayList<>(List.of("bench"));
      arguments.addAll(wrong);
      arguments.addAll(List.of("--backbone", BACKBONE));
      SluiceRun run = SluiceRun.of(arguments.toArray());
      assertThat(run.code()).as("%s: %s", wrong, run.err()).isEqualTo(2);
      assertThat(run.err()).contains("expected");
    }
  }

  private JsonNode bench(String name, Object... more) throws IOException {
    return benchOn(BACKBONE, name, more);
  }

  private JsonNode benchOn(String backbone, String name, Object... more) throws IOException {
    List<Object> arguments =
        new ArrayList<>(
            List.of("bench", name, "--backbone", backbone, "--out", folder, "--stacktrace"));
    arguments.addAll(List.of(more));
    SluiceRun run = SluiceRun.of(arguments.toArray());
    assertThat(run.code()).as(run.err()).isBetween(0, 1);
    assertThat(run.out()).as(run.err()).contains("load average");
    return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
  }

  private static double verdict(JsonNode report, String what) {
    for (JsonNode verdict : report.get("verdicts")) {
      if (verdict.get("what").textValue().equals(what)) {
        return verdict.get("found").doubleValue();
      }
    }
    throw new AssertionError(what + ": no such verdict in " + report.get("verdicts"));
  }
}
