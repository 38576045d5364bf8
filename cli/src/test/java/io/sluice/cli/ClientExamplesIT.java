package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cli.ClientExamples.Ran;
import io.sluice.cli.command.SluiceRun;
import io.sluice.cli.process.ServerProcess;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients of {@code examples/clients}, run by the commands of their README against one server.
 * The oracle is what {@code sluice} itself is told of the same texts.
 */
class ClientExamplesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration INSTALL = Duration.ofMinutes(1);

  private static final String PLEASED = "came a day early and works well";
  private static final String LATE = "my parcel should have been here on Monday";
  private static final String PASSAGE =
      "The gate is locked at ten at night. Guests get a key at the desk for a deposit of five"
          + " euros.";
  private static final String NOBODY = "task: \"nobody\" (expected: a task with an active bundle)";

  private static final Pattern SAID = Pattern.compile("^(.+?)  ([01]\\.\\d+)");

  @TempDir private static Path directory;
  private static ServerProcess server;
  private static ClientExamples examples;

  /** By line of a client: who answers, and with what. */
  private static List<String> expected;

  @BeforeAll
  static void start() throws Exception {
    server =
        ServerProcess.start(
            List.of("-Xmx512m"),
            List.of("--store", directory.resolve("store").toString(), "--warm-up", "0"),
            directory.resolve("log"));
    examples = ClientExamples.copy(directory.resolve("repository"), server.data());
    expected =
        List.of(
            "sentiment: " + classified("sentiment", PLEASED),
            "can guests get a key: " + answered("boolean-answer", "can guests get a key"),
            "how much is the deposit: " + answered("span-answer", "how much is the deposit"),
            "sentiment: " + classified("sentiment", LATE),
            "intent: " + classified("intent", LATE),
            "nobody: NOT_FOUND " + NOBODY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void curl_printsTheRepliesAndTheStatus() throws Exception {
    Ran ran = run("curl", 0);

    assertThat(ran.out()).as(ran.err()).hasSize(5);
    List<String> said = new ArrayList<>();
    said.add("sentiment: " + best(JSON.readTree(ran.out().get(0))));
    JsonNode yesOrNo = JSON.readTree(ran.out().get(1)).get("boolean");
    said.add("can guests get a key: " + scored(yesOrNo.get("value").booleanValue(), yesOrNo));
    JsonNode span = JSON.readTree(ran.out().get(2)).get("span");
    said.add("how much is the deposit: " + scored(span.get("text").textValue(), span));
    for (JsonNode result : JSON.readTree(ran.out().get(3)).get("results")) {
      said.add(result.get("task").textValue() + ": " + best(result.get("reply")));
    }
    String refused = ran.out().get(4);
    assertThat(refused).endsWith(" 404");
    JsonNode error = JSON.readTree(refused);
    said.add("nobody: " + error.get("code").textValue() + " " + error.get("error").textValue());
    assertThat(said).isEqualTo(expected);
  }

  @Test
  void java_printsTheAnswersAndTheStatus() throws Exception {
    requireExpected(run("java", 0));
  }

  @Test
  void python_printsTheAnswersAndTheStatus() throws Exception {
    install("python", "python3");
    requireExpected(run("python", 1));
  }

  @Test
  void node_printsTheAnswersAndTheStatus() throws Exception {
    install("node", "npm");
    requireExpected(run("node", 1));
  }

  private static void install(String client, String tool) throws Exception {
    assumeThat(onThePath(tool)).as("%s is on the PATH", tool).isTrue();
    Ran ran = examples.run(client, block(client, 0), INSTALL);
    assumeThat(ran.code())
        .as("packages of examples/clients/%s can be fetched: %s", client, ran.err())
        .isZero();
  }

  private static boolean onThePath(String tool) {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .anyMatch(folder -> Path.of(folder, tool).toFile().canExecute());
  }

  private static Ran run(String client, int block) throws Exception {
    Ran ran = examples.run(client, block(client, block), LONG);
    assertThat(ran.code()).as("%s: %s %s", client, ran.out(), ran.err()).isZero();
    return ran;
  }

  private static String block(String client, int index) {
    String heading =
        client.equals("curl")
            ? client
            : client.substring(0, 1).toUpperCase(Locale.ROOT) + client.substring(1);
    return examples.blocks(heading).get(index);
  }

  private static void requireExpected(Ran ran) {
    // Maven resets the colours of a terminal even where there is none.
    List<String> lines =
        ran.out().stream()
            .map(line -> line.replace("\u001b[0m", "").strip())
            .filter(line -> !line.isEmpty())
            .toList();
    assertThat(lines).as(ran.err()).isEqualTo(expected);
  }

  private static String best(JsonNode reply) {
    double score = 0;
    for (JsonNode one : reply.get("scores")) {
      score = Math.max(score, one.get("score").doubleValue());
    }
    return String.format(Locale.ROOT, "%s %.3f", reply.get("label").textValue(), score);
  }

  private static String scored(boolean value, JsonNode answer) {
    return scored(value ? "yes" : "no", answer);
  }

  private static String scored(String said, JsonNode answer) {
    return String.format(Locale.ROOT, "%s %.3f", said, answer.get("score").doubleValue());
  }

  private static String classified(String task, String text) {
    return first(SluiceRun.of("classify", "--server", address(), "--task", task, text));
  }

  private static String answered(String task, String question) throws Exception {
    Path passage = directory.resolve("passage.txt");
    Files.writeString(passage, PASSAGE);
    return first(
        SluiceRun.of(
            "answer", task, "--server", address(), "--question", question, "--passage", passage));
  }

  /** {@code yes 0.929}: what was said, and how probable it is. */
  private static String first(SluiceRun run) {
    assertThat(run.code()).as(run.err()).isZero();
    Matcher line = SAID.matcher(run.out());
    assertThat(line.find()).as(run.out()).isTrue();
    return line.group(1) + " " + line.group(2);
  }

  private static String address() {
    return server.data().host() + ":" + server.data().port();
  }
}
