package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cli.command.SluiceRun;
import io.sluice.cli.examples.ExampleTasks;
import io.sluice.cli.process.ServerProcess;
import io.sluice.loadtest.Target;
import io.sluice.trainer.metric.SpanOverlap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sluice serve} over a new store, asked the dev rows of its example tasks. The oracle is the
 * manifest of each bundle: what the trainer measured must come out of the server.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServeExamplesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROWS = Path.of("..", "examples");

  /** Another processor may round a row that is on the edge to the other side. */
  private static final double ONE_ROW = 0.0101;

  @TempDir private static Path directory;
  private ServerProcess server;

  @BeforeAll
  void start() {
    server = serve("store");
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void classify_sentimentRows_areRightAsOftenAsTheManifestSays() throws IOException {
    requireMetric("sentiment", "dev_accuracy", this::labelIsRight);
  }

  @Test
  void classify_intentRows_areRightAsOftenAsTheManifestSays() throws IOException {
    requireMetric("intent", "dev_accuracy", this::labelIsRight);
  }

  @Test
  void answer_booleanRows_areRightAsOftenAsTheManifestSays() throws IOException {
    requireMetric(
        "boolean-answer",
        "dev_accuracy",
        (row, reply) ->
            row.get("label").booleanValue() == reply.get("answer").booleanValue() ? 1 : 0);
  }

  @Test
  void answer_spanRows_areWorthWhatTheManifestSays() throws IOException {
    requireMetric(
        "span-answer",
        "dev_f1",
        (row, reply) ->
            SpanOverlap.f1(
                List.of(row.get("answer").textValue()), reply.get("answer").textValue()));
  }

  @Test
  void serve_noExamples_hasNoTask() {
    try (ServerProcess bare = serve("bare", "--no-examples")) {
      SluiceRun list = SluiceRun.of("task", "list", "--server", address(bare.admin()));
      assertThat(list.code()).as(list.err()).isZero();
      assertThat(list.out()).doesNotContain(ExampleTasks.NAMES);
    }
  }

  private double labelIsRight(JsonNode row, JsonNode reply) {
    return row.get("label").equals(reply.get("label")) ? 1 : 0;
  }

  private void requireMetric(
      String task, String metric, ToDoubleBiFunction<JsonNode, JsonNode> worth) throws IOException {
    Path dev = ROWS.resolve(task).resolve("dev.jsonl");
    Path out = directory.resolve(task + ".jsonl");
    Stream<String> ask =
        task.endsWith("-answer")
            ? Stream.of("answer", task)
            : Stream.of("classify", "--task", task);
    Stream<String> files =
        Stream.of(
            "--server",
            address(server.data()),
            "--input",
            dev.toString(),
            "--output",
            out.toString());
    SluiceRun run = SluiceRun.of(Stream.concat(ask, files).toArray());
    assertThat(run.code()).as(run.err()).isZero();
    List<JsonNode> rows = read(dev);
    List<JsonNode> replies = read(out);
    assertThat(replies).hasSameSizeAs(rows);
    double sum = 0;
    for (int i = 0; i < rows.size(); i++) {
      sum += worth.applyAsDouble(rows.get(i), replies.get(i));
    }
    Double said = ExampleTasks.bundle(task).manifest().metrics().get(metric);
    assertThat(said).as("%s of %s", metric, task).isNotNull();
    assertThat(sum / rows.size()).as("%s of %s", metric, task).isCloseTo(said, within(ONE_ROW));
  }

  private static ServerProcess serve(String store, String... more) {
    List<String> options =
        new ArrayList<>(List.of("--store", directory.resolve(store).toString(), "--warm-up", "0"));
    options.addAll(List.of(more));
    return ServerProcess.start(List.of("-Xmx512m"), options, directory.resolve(store + ".log"));
  }

  private static String address(Target target) {
    return target.host() + ":" + target.port();
  }

  private static List<JsonNode> read(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }
}
