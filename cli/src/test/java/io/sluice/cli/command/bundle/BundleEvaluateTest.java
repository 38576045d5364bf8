package io.sluice.cli.command.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.SluiceRun;
import io.sluice.cli.examples.ExampleTasks;
import io.sluice.loadtest.bundle.RandomEncoder;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.metric.SpanOverlap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice bundle evaluate}; the oracle is what training put into the example bundles. */
class BundleEvaluateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROWS = Path.of("..", "examples");

  /** Another processor may round a row that is on the edge to the other side. */
  private static final double ONE_ROW = 0.0101;

  @TempDir Path directory;

  @BeforeEach
  void take() throws IOException {
    for (String name : ExampleTasks.NAMES) {
      Files.write(bundle(name), ExampleTasks.bundle(name).bytes());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sentiment, ACCURACY",
    "intent, ACCURACY",
    "boolean-answer, ACCURACY",
    "span-answer, F1"
  })
  void evaluate_devRowsOfTheExamples_isWhatTheirManifestsSay(String name, Metric metric)
      throws IOException {
    Path lines = directory.resolve("lines.jsonl");
    Path dev = ROWS.resolve(name).resolve("dev.jsonl");
    SluiceRun run =
        SluiceRun.of(
            "bundle", "evaluate", bundle(name), "--data", dev, "--json", "--output", lines);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode found = JSON.readTree(run.out());
    Manifest manifest = ExampleTasks.bundle(name).manifest();
    List<JsonNode> rows = read(lines);
    assertThat(found.get("rows").asInt())
        .isEqualTo(Files.readAllLines(dev).size())
        .isEqualTo(rows.size());
    manifest
        .metrics()
        .forEach(
            (promise, value) -> {
              if (promise.startsWith("dev_")) {
                double measured = found.get("measures").get(promise.substring(4)).doubleValue();
                assertThat(measured).as(promise).isCloseTo(value, within(2 * ONE_ROW));
              }
            });
    double worth = rows.stream().mapToDouble(BundleEvaluateTest::worth).average().orElseThrow();
    assertThat(worth)
        .isCloseTo(found.get("measures").get(metric.code()).doubleValue(), within(1e-9))
        .isCloseTo(manifest.metrics().get("dev_" + metric.code()), within(ONE_ROW));
  }

  @Test
  void evaluate_asTables_saysRowsMeasuresLabelsAndMistakes() throws IOException {
    Path rows =
        rows(
            """
            {"text": "Worth every penny.", "label": "positive"}
            {"text": "The night bus was late, filthy, and the heater was broken.", "label": "negative"}
            {"text": "The night bus was late, filthy, and the heater was broken.", "label": "positive"}
            """);

    SluiceRun run = SluiceRun.of("bundle", "evaluate", bundle("sentiment"), "--data", rows);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("rows        3 of " + rows)
        .containsPattern("measure +these rows +dev rows +difference")
        .containsPattern("accuracy +0\\.6667 +" + dev("sentiment", "dev_accuracy"))
        .containsPattern("negative +1 +0\\.5000 +1\\.0000 +0\\.6667")
        .containsPattern("positive +2 +1\\.0000 +0\\.5000 +0\\.6667")
        .containsPattern("positive +negative +1");
  }

  /** As a table prints it. */
  private static String dev(String task, String metric) {
    Double value = ExampleTasks.bundle(task).manifest().metrics().get(metric);
    return String.format(Locale.ROOT, "%.4f", value);
  }

  @Test
  void evaluate_labelsTheBundleHasNot_areBadRowsAllToldAtOnce() throws IOException {
    Path rows =
        rows(
            """
            {"text": "one", "label": "fine"}
            {"text": "two", "label": "positive"}
            {"text": "three", "label": "awful"}
            {"text": "four"}
            """);

    SluiceRun run = SluiceRun.of("bundle", "evaluate", bundle("sentiment"), "--data", rows);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("rows.jsonl: 3 bad rows")
        .contains("rows.jsonl:1: label: fine (expected: one of negative, positive)")
        .contains("rows.jsonl:3: label: awful (expected: one of negative, positive)")
        .contains("rows.jsonl:4: label: absent");
  }

  @Test
  void evaluate_wrongInput_exitsWithTwoAndSaysWhatWasExpected() throws IOException {
    Path sentiment = ROWS.resolve("sentiment").resolve("dev.jsonl");
    Path empty = Files.createFile(directory.resolve("empty.jsonl"));
    Path other = directory.resolve("backbone");
    BackboneFormat.write(RandomEncoder.of("random:1x32", OnnxRuntime.shared()), other);

    refused(bundle("sentiment"), List.of(), "--data: missing (expected: a file of labelled rows)");
    refused(bundle("sentiment"), List.of("--data", empty), "empty.jsonl: 0 rows (expected: >= 1)");
    refused(
        bundle("span-answer"),
        List.of("--data", sentiment),
        "(expected: also question, context, answers)");
    refused(
        bundle("boolean-answer"),
        List.of("--data", sentiment),
        "(expected: also question, passage)");
    refused(
        bundle("sentiment"),
        List.of("--data", sentiment, "--backbone", other),
        "on which the bundle was trained)");
    refused(
        bundle("sentiment"),
        List.of("--data", sentiment, "--backbone-precision", "fp16"),
        "backbone precision: FP16 on ");
    refused(
        bundle("sentiment"),
        List.of("--data", sentiment, "--output", directory.resolve("none/lines.jsonl")),
        "(expected: a file in a writable directory)");
  }

  private static void refused(Path bundle, List<Object> options, String why) {
    List<Object> arguments = new ArrayList<>(List.of("bundle", "evaluate", bundle));
    arguments.addAll(options);
    SluiceRun run = SluiceRun.of(arguments.toArray());
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(why);
  }

  private Path bundle(String name) {
    return directory.resolve(name + ".bundle");
  }

  private Path rows(String lines) throws IOException {
    return Files.writeString(directory.resolve("rows.jsonl"), lines);
  }

  private static List<JsonNode> read(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  /** What a line is worth by itself. */
  private static double worth(JsonNode line) {
    JsonNode said = line.has("label") ? line.get("label") : line.get("answer");
    JsonNode truth = line.get("truth");
    return truth.isArray()
        ? SpanOverlap.f1(List.of(truth.get(0).textValue()), said.textValue())
        : said.equals(truth) ? 1 : 0;
  }
}
