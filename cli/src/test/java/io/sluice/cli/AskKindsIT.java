package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.SluiceRun;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import io.sluice.trainer.metric.SpanOverlap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of task, trained and asked through the command line. The oracle is the trainer's own
 * evaluation: what a bundle's manifest says of its dev rows must come out again when those rows are
 * asked of the server.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AskKindsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> COLOURS = List.of("red", "blue", "green", "yellow");
  private static final List<String> THINGS =
      List.of("house", "river", "bridge", "letter", "garden", "window", "market", "engine");
  private static final List<String> FILLERS =
      List.of("people", "walk", "along", "every", "morning", "before", "work", "and", "talk", "of");
  private static final int TRAIN_ROWS = 40;
  private static final int DEV_ROWS = 30;

  @TempDir private static Path directory;
  private BundleStore store;
  private SluiceServer server;

  @BeforeAll
  void start() {
    store =
        BundleStore.open(
            directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
    server =
        SluiceServer.start(
            SluiceMini.load(),
            store,
            ServerSettings.defaults().withPorts(0, 0),
            OnnxRuntime.shared());
  }

  @AfterAll
  void stop() {
    server.close();
    store.close();
  }

  @Test
  void answerSpans_devRowsInWindows_areWorthWhatTheTrainerSays() throws IOException {
    AdapterBundle bundle =
        train("spans", AskKindsIT::span, "squad", "--max-tokens", "40", "--stride", "12");
    List<JsonNode> dev = rows("spans");
    List<JsonNode> replies = ask("answer", "spans", "spans");

    double worth = 0;
    int covered = 0;
    for (int i = 0; i < dev.size(); i++) {
      JsonNode reply = replies.get(i);
      String context = dev.get(i).get("context").textValue();
      assertThat(piece(context, reply.get("start").intValue(), reply.get("end").intValue()))
          .isEqualTo(reply.get("answer").textValue());
      if (!reply.get("abstained").booleanValue()) {
        covered++;
        JsonNode answer = dev.get(i).get("answer");
        List<String> truth = answer.isNull() ? List.of() : List.of(answer.textValue());
        worth += SpanOverlap.f1(truth, reply.get("answer").textValue());
      }
    }
    requireMetric(bundle, "dev_coverage", covered / (double) dev.size());
    requireMetric(bundle, "dev_worth_when_answered", covered == 0 ? 0 : worth / covered);
    assertThat(bundle.manifest().stride()).isEqualTo(12);
    assertThat(describe("spans"))
        .contains("answer_span", "12 tokens apart", "sluice answer spans --question");
  }

  @Test
  void answerYesOrNo_devRows_areRightAsOftenAsTheTrainerSays() throws IOException {
    AdapterBundle bundle = train("boolean", AskKindsIT::yesOrNo, "boolq");
    List<JsonNode> dev = rows("boolean");
    List<JsonNode> replies = ask("answer", "boolean", "boolean");
    int right = 0;
    for (int i = 0; i < dev.size(); i++) {
      boolean yes = replies.get(i).get("answer").booleanValue();
      right += dev.get(i).get("label").textValue().equals(Boolean.toString(yes)) ? 1 : 0;
    }
    requireMetric(bundle, "dev_accuracy", right / (double) dev.size());
    assertThat(describe("boolean")).contains("answer_boolean", "sluice answer boolean");

    SluiceRun wrong = classify("boolean", "one text");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("ask this one with Answer");
  }

  @Test
  void classifyManyLabels_devRows_areExactAsOftenAsTheTrainerSays() throws IOException {
    AdapterBundle bundle = train("sets", AskKindsIT::set, "MULTI_LABEL");
    List<JsonNode> dev = rows("sets");
    List<JsonNode> replies = ask("classify", "sets", "sets");
    int exact = 0;
    for (int i = 0; i < dev.size(); i++) {
      exact += names(replies.get(i).get("labels")).equals(names(dev.get(i).get("label"))) ? 1 : 0;
    }
    requireMetric(bundle, "dev_exact_match", exact / (double) dev.size());
    assertThat(describe("sets")).contains("multi_label", "blue, green, red, yellow");

    String text = dev.get(0).get("text").textValue();
    SluiceRun one = classify("sets", text);
    assertThat(one.code()).as(one.err()).isZero();
    Set<String> said = names(replies.get(0).get("labels"));
    assertThat(one.out()).startsWith(said.isEmpty() ? "no label" : String.join(", ", said));
  }

  @Test
  void classifyValue_devRows_areAsFarOffAsTheTrainerSays() throws IOException {
    AdapterBundle bundle = train("values", AskKindsIT::value, "REGRESS");
    List<JsonNode> dev = rows("values");
    List<JsonNode> replies = ask("classify", "values", "values");
    double error = 0;
    for (int i = 0; i < dev.size(); i++) {
      double value = replies.get(i).get("value").doubleValue();
      error += Math.abs(value - dev.get(i).get("label").doubleValue()) / dev.size();
    }
    assertThat(error)
        .isCloseTo(bundle.manifest().metrics().get("dev_mean_absolute_error"), within(1e-3));
    assertThat(describe("values")).contains("regress: a number", "KiB of weights");
  }

  @Test
  void rows_badLinesAndTasks_areNamed() throws IOException {
    Path file = directory.resolve("bad.jsonl");
    Files.writeString(file, "\"a text\"\n\n{\"text\": 7}\n");
    SluiceRun number =
        run("classify", server.port(), "--task", "nobody", "--input", file.toString());
    assertThat(number.code()).isEqualTo(2);
    assertThat(number.err()).contains("bad.jsonl: line 3: \"text\": NUMBER (expected: a text)");

    Files.writeString(file, "{\"id\": \"x\", \"text\": \"a text\"}\n");
    SluiceRun unknown =
        run("classify", server.port(), "--task", "nobody", "--input", file.toString());
    assertThat(unknown.code()).isEqualTo(1);
    JsonNode line = JSON.readTree(unknown.out());
    assertThat(line.get("id").textValue()).isEqualTo("x");
    assertThat(line.get("error").get("code").textValue()).isEqualTo("NOT_FOUND");
    assertThat(unknown.err()).contains("1 rows in", "1 without an answer");

    assertThat(run("classify", server.port(), "--task", "nobody").err())
        .contains("neither TEXT nor --input");
    assertThat(run("answer", server.port(), "nobody", "--question", "why").err())
        .contains("--passage: none");
    assertThat(run("task", server.adminPort(), "describe", "--task", "nobody").code()).isEqualTo(2);
  }

  /** Trains on rows of its own, registers the bundle, and keeps the dev rows beside it. */
  private AdapterBundle train(
      String task, Function<Random, ObjectNode> row, String kindOrLayout, String... more)
      throws IOException {
    Random random = new Random(task.hashCode());
    Path train = write(task + "-train.jsonl", random, row, TRAIN_ROWS);
    Path dev = write(task + ".jsonl", random, row, DEV_ROWS);
    Path out = directory.resolve(task + ".bundle");
    boolean layout = kindOrLayout.equals(kindOrLayout.toLowerCase(Locale.ROOT));
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                train,
                "--dev",
                dev,
                "--out",
                out,
                "--method",
                "head-only",
                "--steps",
                "20",
                "--batch-size",
                "16",
                layout ? "--layout" : "--task-kind",
                kindOrLayout));
    arguments.addAll(List.of(more));
    SluiceRun run = SluiceRun.of(arguments.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    SluiceRun registered =
        run("task", server.adminPort(), "register", "--task", task, out.toString());
    assertThat(registered.code()).as(registered.err()).isZero();
    return BundleReader.read(out, BundleLimits.defaults());
  }

  private static Path write(String name, Random random, Function<Random, ObjectNode> row, int count)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(row.apply(random).put("id", name + i).toString());
    }
    return Files.write(directory.resolve(name), lines);
  }

  private static List<JsonNode> rows(String task) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(task + ".jsonl"))) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  /** The replies to all dev rows, asked as a file and as standard input. */
  private List<JsonNode> ask(String command, String task, String rows) throws IOException {
    Path out = directory.resolve(task + "-replies.jsonl");
    Path in = directory.resolve(rows + ".jsonl");
    List<String> arguments = new ArrayList<>(List.of("--input", in.toString()));
    arguments.addAll(command.equals("answer") ? List.of(task) : List.of("--task", task));
    List<String> toFile = new ArrayList<>(arguments);
    toFile.addAll(List.of("--output", out.toString()));
    SluiceRun run = run(command, server.port(), toFile.toArray(new String[0]));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains(DEV_ROWS + " rows in ");
    List<String> lines = Files.readAllLines(out);

    arguments.set(1, "-");
    InputStream before = System.in;
    SluiceRun piped;
    try {
      System.setIn(new ByteArrayInputStream(Files.readAllBytes(in)));
      piped = run(command, server.port(), arguments.toArray(new String[0]));
    } finally {
      System.setIn(before);
    }
    assertThat(piped.out().lines()).hasSize(DEV_ROWS);

    List<JsonNode> replies = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      JsonNode reply = JSON.readTree(lines.get(i));
      assertThat(reply.get("id").textValue()).isEqualTo(rows + ".jsonl" + i);
      assertThat(reply.get("row").intValue()).isEqualTo(i + 1);
      replies.add(reply);
    }
    assertThat(replies).hasSize(DEV_ROWS);
    return replies;
  }

  private SluiceRun classify(String task, String text) {
    return run("classify", server.port(), "--task", task, text);
  }

  private String describe(String task) {
    SluiceRun run = run("task", server.adminPort(), "describe", "--task", task);
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  private static SluiceRun run(String command, int port, String... more) {
    Stream<String> server = Stream.of("--server", "127.0.0.1:" + port);
    Stream<String> rest = Stream.of(more);
    Stream<String> after =
        command.equals("task")
            ? Stream.concat(Stream.concat(rest.limit(1), server), Stream.of(more).skip(1))
            : Stream.concat(server, rest);
    return SluiceRun.of(Stream.concat(Stream.of(command), after).toArray());
  }

  private static void requireMetric(AdapterBundle bundle, String name, double found) {
    assertThat(bundle.manifest().metrics()).containsKey(name);
    assertThat(found).as(name).isCloseTo(bundle.manifest().metrics().get(name), within(1e-6));
  }

  private static String piece(String text, int start, int end) {
    return text.substring(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end));
  }

  private static Set<String> names(JsonNode list) {
    Set<String> names = new TreeSet<>();
    list.forEach(name -> names.add(name.textValue()));
    return names;
  }

  /** Where a colour stands among fillers, of which there may be many; or it stands nowhere. */
  private static ObjectNode span(Random random) {
    String thing = one(THINGS, random);
    String answer = "the " + one(COLOURS, random) + " " + one(THINGS, random);
    String before = "\uD83D\uDE00 " + fillers(random, random.nextInt(35));
    boolean silent = random.nextInt(4) == 0;
    String context =
        before
            + (silent ? "nothing at all" : "by " + thing + " stands " + answer)
            + " "
            + fillers(random, random.nextInt(35));
    ObjectNode row =
        JSON.createObjectNode().put("question", "what stands by " + thing).put("context", context);
    return row.put("answer", silent ? null : answer);
  }

  private static ObjectNode yesOrNo(Random random) {
    String colour = one(COLOURS, random);
    boolean yes = random.nextBoolean();
    return JSON.createObjectNode()
        .put("question", "is the " + one(THINGS, random) + " " + colour)
        .put("passage", fillers(random, 5) + (yes ? "yes it is " : "no never ") + colour)
        .put("label", Boolean.toString(yes));
  }

  private static ObjectNode set(Random random) {
    StringBuilder text = new StringBuilder(fillers(random, 3));
    ObjectNode row = JSON.createObjectNode();
    var labels = row.putArray("label");
    for (String colour : COLOURS) {
      if (random.nextBoolean()) {
        labels.add(colour);
        text.append(colour).append(' ').append(one(THINGS, random)).append(' ');
      }
    }
    return row.put("text", text.toString());
  }

  private static ObjectNode value(Random random) {
    int count = random.nextInt(5);
    return JSON.createObjectNode()
        .put("text", fillers(random, 4) + (one(COLOURS, random) + " ").repeat(count))
        .put("label", 100 + 10.5 * count);
  }

  private static String fillers(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(one(FILLERS, random)).append(' ');
    }
    return text.toString();
  }

  private static String one(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }
}
