package io.sluice.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user hands in that is wrong: one line, a code, and nothing left behind. */
class BadInputTest {
  private static final String GOOD_ROWS =
      """
      {"text": "is my bike ready", "label": "status"}
      {"text": "what does it cost", "label": "price"}
      {"text": "any news about my wheel", "label": "status"}
      {"text": "how much for a tyre", "label": "price"}
      """;

  @TempDir Path directory;

  @Test
  void backboneImport_missingDirectory_isRefused() {
    refused(
        SluiceRun.of("backbone", "import", directory.resolve("none"), "--out", out()),
        "none",
        "no such directory");
  }

  @Test
  void backboneImport_modelOfGarbage_isRefused() throws IOException {
    Path export = Files.createDirectory(directory.resolve("garbage"));
    Files.writeString(export.resolve("model.onnx"), "this is no model");
    miniTokenizer(export);

    refused(SluiceRun.of("backbone", "import", export, "--out", out()), "model.onnx");
  }

  @Test
  void backboneImport_modelThatIsNoEncoder_isRefusedWithTheReason() throws IOException {
    Path export = Files.createDirectory(directory.resolve("adder"));
    GraphBuilder graph = new GraphBuilder("adder", 18);
    String ids = graph.input("input_ids", DataType.INT64, "batch", "seq");
    String sum = graph.node("Add", ids, ids);
    graph.output(sum, DataType.INT64, "batch", "seq");
    OnnxFormat.write(graph.build(), export.resolve("model.onnx"));
    miniTokenizer(export);

    refused(SluiceRun.of("backbone", "import", export, "--out", out()), "model.onnx", "expected");
  }

  @Test
  void backboneImport_tokenizerOfGarbage_isRefused() throws IOException {
    Path export = Files.createDirectory(directory.resolve("wordless"));
    copyMini("model.onnx", export);
    Files.writeString(export.resolve("tokenizer.json"), "{\"model\": 7}");

    refused(SluiceRun.of("backbone", "import", export, "--out", out()), "tokenizer.json");
  }

  @Test
  void backboneImport_withoutTokenizer_isRefused() throws IOException {
    Path export = Files.createDirectory(directory.resolve("silent"));
    Files.writeString(export.resolve("model.onnx"), "");

    refused(SluiceRun.of("backbone", "import", export, "--out", out()), "tokenizer.json");
  }

  @Test
  void bundleVerify_otherFile_isRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("x.bundle"), "PK but not really");

    refused(
        SluiceRun.of("bundle", "inspect", directory), "a directory (expected: a bundle's file)");
    refused(SluiceRun.of("bundle", "verify", file), "x.bundle", "expected");
    refused(SluiceRun.of("bundle", "inspect", file), "x.bundle", "expected");
    refused(SluiceRun.of("task", "register", "--task", "t", file), "x.bundle", "expected");
  }

  @Test
  void train_budgetThatIsNone_isRefused() throws IOException {
    for (String budget : new String[] {"much", "0%", "-3", "101%"}) {
      SluiceRun run = train(GOOD_ROWS, "--max-params", budget);
      refused(run, "max-params");
    }
    refused(train(GOOD_ROWS, "--max-points", "0"), "max-points: 0", "expected");
  }

  @Test
  void train_budgetBelowTheSmallestAdapter_isRefusedBeforeTraining() throws IOException {
    SluiceRun run = train(GOOD_ROWS, "--max-params", "10");

    refused(run, "expected");
    assertThat(run.err()).doesNotContain("fine-tune");
  }

  @Test
  void train_badRows_areNamedEachByItsLine() throws IOException {
    SluiceRun run =
        train(
            GOOD_ROWS
                + """
                {"text": "no label here"}
                not json at all
                {"text": "", "label": "price"}
                """);

    refused(run, "rows.jsonl", "5", "6", "7", "label");
  }

  @Test
  void train_oneRowOfEachLabelAndNoDevRows_isRefused() throws IOException {
    String rows =
        """
        {"text": "is my bike ready", "label": "status"}
        {"text": "what does it cost", "label": "price"}
        """;

    refused(train(rows), "rows.jsonl: one row of each label", "expected");
  }

  @Test
  void train_missingFile_isRefused() {
    refused(
        SluiceRun.of("train", "--data", directory.resolve("no.jsonl"), "--out", out()),
        "no.jsonl",
        "no such file");
  }

  @Test
  void train_outInMissingDirectory_isRefusedBeforeTraining() throws IOException {
    Path rows = Files.writeString(directory.resolve("rows.jsonl"), GOOD_ROWS);

    refused(
        SluiceRun.of("train", "--data", rows, "--out", directory.resolve("no/where.bundle")),
        "out",
        "expected");
  }

  @Test
  void train_settingOutOfRange_isRefused() throws IOException {
    refused(train(GOOD_ROWS, "--rank", "0", "--batch-size", "-1"), "rank: 0", "batch-size: -1");
  }

  @Test
  void train_methodsThatAreNone_areRefused() throws IOException {
    refused(
        train(GOOD_ROWS, "--method", "everything"),
        "--method",
        "expected: learned or fixed or random or everywhere or head-only");
    refused(train(GOOD_ROWS, "--gate-temperature", "2"), "gate-temperature: 2.0", "0.1..1.0");
    refused(train(GOOD_ROWS, "--layer-decay", "0.9"), "Unknown option", "--layer-decay");
    refused(SluiceRun.of("train", "sweep", "--method", "fixed"), "--method");
  }

  @Test
  void train_stepsAndEpochs_areRefused() throws IOException {
    refused(train(GOOD_ROWS, "--steps", "30", "--epochs", "2"), "--steps", "--epochs");
    refused(train(GOOD_ROWS, "--epochs", "0"), "epochs: 0", "1..10000");
  }

  @Test
  void train_threadsOutOfRange_isRefused() throws IOException {
    refused(train(GOOD_ROWS, "--threads", "0"), "threads: 0", "expected");
    refused(train(GOOD_ROWS, "--threads", "5000"), "threads: 5000 (expected: 1 to 4096)");
  }

  @Test
  void serve_settingOutOfRange_isRefusedBeforeTheStoreIsOpened() {
    refused(serve("--port", "70000"), "port: 70000 (expected: 0 to 65535)");
    refused(serve("--host", "no such host"), "host: no such host (expected: an address of this");
    refused(serve("--admin-port", "-1"), "admin-port: -1 (expected: 0 to 65535)");
    refused(serve("--threads", "-2"), "threads: -2 (expected: 1 to 4096)");
    refused(serve("--drain-timeout", "-1"), "drain-timeout: -1 (expected: 0 to 86400)");
    refused(
        serve("--max-bundle-bytes", "5"),
        "max-bundle-bytes: 5 (expected: a number and B, KiB, MiB or GiB, as in 64MiB)");
    refused(serve("--costs", "nowhere.json"), "cost table: nowhere.json (expected: a file");
  }

  @Test
  void classify_timeoutOutOfRange_isRefused() {
    refused(
        SluiceRun.of("classify", "--timeout", "0", "--task", "t", "text"),
        "timeout: 0 (expected: 1..86400)");
  }

  @Test
  void classify_noServer_isAFailureThatSaysHowToStartOne() {
    SluiceRun run = SluiceRun.of("classify", "--server", "127.0.0.1:1", "--task", "t", "text");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("127.0.0.1:1", "sluice serve").doesNotContain("\tat ");
  }

  @Test
  void classify_serverWithoutPort_isRefused() {
    refused(
        SluiceRun.of("classify", "--server", "somewhere", "--task", "t", "text"),
        "server: somewhere",
        "HOST:PORT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8433",
        "localhost:8433/v1",
        "me@localhost:8433",
        "a b:8433",
        "localhost:99999",
        "localhost:-1",
        ":"
      })
  void classify_serverThatIsNone_isRefused(String server) {
    refused(
        SluiceRun.of("classify", "--server", server, "--task", "t", "text"),
        "server: " + server + " (expected: HOST:PORT)");
  }

  @Test
  void classify_textThatBeginsWithAnAt_isATextAndOpensNoFile() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "one two three");
    SluiceRun run = SluiceRun.of("classify", "--server", "127.0.0.1:1", "--task", "t", "@" + file);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no connection").doesNotContain("three");
  }

  @Test
  void classify_outputOverTheInput_isRefusedAndTheInputStays() throws IOException {
    Path rows = Files.writeString(directory.resolve("rows.jsonl"), GOOD_ROWS);
    Path link = Files.createSymbolicLink(directory.resolve("link.jsonl"), rows);
    for (Path output : new Path[] {rows, link, directory.resolve("./rows.jsonl")}) {
      refused(
          SluiceRun.of("classify", "--task", "t", "--input", rows, "--output", output),
          "output: " + output + " is what is read");
      refused(
          SluiceRun.of("answer", "t", "--input", rows, "--output", output),
          "output: " + output + " is what is read");
    }
    assertThat(rows).hasContent(GOOD_ROWS);
  }

  @Test
  void train_outOverTheRows_isRefusedAndTheRowsStay() throws IOException {
    Path rows = Files.writeString(directory.resolve("rows.jsonl"), GOOD_ROWS);
    Path dev = Files.writeString(directory.resolve("dev.jsonl"), GOOD_ROWS);

    refused(SluiceRun.of("train", "--data", rows, "--out", rows), "out: " + rows + " is what");
    refused(
        SluiceRun.of("train", "--data", rows, "--dev", dev, "--out", out(), "--report", dev),
        "report: " + dev + " is what is read");
    refused(
        SluiceRun.of("train", "--data", rows, "--out", out(), "--report", out()),
        "report: " + out() + " is where the bundle goes");
    refused(
        SluiceRun.of(
            "train", "--data", rows, "--out", out(), "--report", directory.resolve("no/r.html")),
        "report: ",
        "no/r.html (expected: a file in a writable directory)");
    assertThat(rows).hasContent(GOOD_ROWS);
    assertThat(dev).hasContent(GOOD_ROWS);
  }

  @Test
  void anyCommand_emptyName_isNoFolderToStartIn() {
    refused(SluiceRun.of("serve", "--store", ""), "--store", "\"\" (expected: the name of a file");
    refused(SluiceRun.of("bundle", "keygen", "--out", " "), "--out", "\" \" (expected: the name");
    refused(
        SluiceRun.of("bundle", "keygen", "--out", directory.resolve("no/key")),
        "out: ",
        "no/key (expected: a file in a writable directory)");
    refused(SluiceRun.of("task", "list", "--server", ""), "server:  (expected: HOST:PORT)");
    refused(
        SluiceRun.of("train", "--data", directory, "--out", out()),
        ": no ending (expected: .jsonl, .csv or .tsv");
  }

  @Test
  void backboneImport_outThatHoldsSomethingElse_isRefusedBeforeTheImport() throws IOException {
    Files.writeString(directory.resolve("precious"), "mine");
    refused(
        SluiceRun.of("backbone", "import", directory.resolve("none"), "--out", directory),
        "holds something else");
  }

  @Test
  void taskActivate_malformedDigest_isRefused() {
    refused(
        SluiceRun.of("task", "activate", "--task", "t", "--digest", "abc"), "digest: abc", "64");
  }

  @Test
  void anyCommand_stackTraceAskedFor_showsWhere() {
    SluiceRun run =
        SluiceRun.of("bundle", "verify", directory.resolve("no.bundle"), "--stacktrace");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no such file", "\tat io.sluice");
  }

  private SluiceRun train(String rows, String... more) throws IOException {
    Path data = Files.writeString(directory.resolve("rows.jsonl"), rows);
    Object[] arguments = new Object[5 + more.length];
    arguments[0] = "train";
    arguments[1] = "--data";
    arguments[2] = data;
    arguments[3] = "--out";
    arguments[4] = out();
    System.arraycopy(more, 0, arguments, 5, more.length);
    return SluiceRun.of(arguments);
  }

  private SluiceRun serve(String option, String value) {
    Object[] arguments =
        option.endsWith("port")
            ? new Object[] {"serve", "--store", out(), option, value}
            : new Object[] {
              "serve", "--store", out(), "--port", "0", "--admin-port", "0", option, value
            };
    return SluiceRun.of(arguments);
  }

  private Path out() {
    return directory.resolve("out");
  }

  private void refused(SluiceRun run, String... said) {
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).startsWith("sluice: ").contains(said).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
    assertThat(out()).doesNotExist();
  }

  private static void miniTokenizer(Path export) throws IOException {
    copyMini("tokenizer.json", export);
  }

  private static void copyMini(String name, Path export) throws IOException {
    String resource = "/io/sluice/backbone/sluice-mini/" + name;
    try (InputStream in = BadInputTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      Files.copy(in, export.resolve(name));
    }
  }
}
