package io.sluice.cli.command.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.cli.command.SluiceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with a folder and a configuration file, from the command line. */
class TrainRunTest {
  @TempDir Path directory;
  private Path data = Path.of("");

  @BeforeEach
  void rows() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      rows.append("{\"text\": \"is my bike number ")
          .append(i)
          .append(" ready\", \"label\": \"")
          .append(i % 3 == 0 ? "price" : "status")
          .append("\"}\n")
          .append("{\"text\": \"what does wheel ")
          .append(i)
          .append(" cost\", \"label\": \"price\"}\n");
    }
    data = Files.writeString(directory.resolve("rows.jsonl"), rows);
  }

  @Test
  void train_fileAndFlags_flagsWinAndTheFolderHoldsTheRun() throws IOException {
    Path config =
        config("# a run", "data = '" + data + "'", "max-points = 3", "steps = 300", "rank = 4");
    Path folder = directory.resolve("run");
    SluiceRun run =
        SluiceRun.of(
            "train",
            "--max-params",
            "0.2%",
            "--config",
            config,
            "--run",
            folder,
            "--steps=20",
            "--patience",
            99);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder.resolve("task.bundle")).isRegularFile();
    assertThat(Files.readString(folder.resolve("config.toml")))
        .contains("steps = 20\n")
        .contains("ranks = 4\n")
        .contains("max-params = \"0.2%\"\n")
        .contains("max-points = 3\n")
        .contains("data = \"" + data.toAbsolutePath() + "\"")
        .contains("# learning_rate = \"0.001\"");
    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    assertThat(lines.get(0)).startsWith("{\"type\":\"probe\"");
    assertThat(lines).filteredOn(line -> line.contains("\"type\":\"step\"")).hasSize(20);
    assertThat(lines).filteredOn(line -> line.contains("\"type\":\"evaluation\"")).isNotEmpty();
    assertThat(Files.readString(folder.resolve("result.json")))
        .contains("\"bundle\" : \"sha256:")
        .contains("\"linear_probe\"");

    // The folder's own configuration gives the same run again: the same bundle.
    Path again = directory.resolve("again");
    SluiceRun.of("train", "--config", folder.resolve("config.toml"), "--run", again);
    assertThat(Files.readAllBytes(again.resolve("task.bundle")))
        .isEqualTo(Files.readAllBytes(folder.resolve("task.bundle")));
    assertThat(SluiceRun.of("train", "--config", config, "--run", folder).err())
        .contains("a run is there already (expected: a new folder, or --resume)");
  }

  @Test
  void train_fileWithMistakes_namesAllWithTheirLines() throws IOException {
    Path config =
        config(
            "data = 'x.jsonl'",
            "learning-rat = 0.1",
            "[search]",
            "rank = 4",
            "",
            "[[other]]",
            "colour = 'red'");
    SluiceRun run = SluiceRun.of("train", "--config", config);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains(config + ":2: learning-rat: unknown (expected: learning-rate?)")
        .contains(config + ":3: search: a table (expected: keys at the top, named as options)");

    Path wrong = config("max-tokens = 'wide'", "steps = 2.5", "seed = [1, 2]", "colour = 'red'");
    assertThat(SluiceRun.of("train", "--config", wrong).err())
        .contains(":1: max-tokens: wide (expected: a whole number)")
        .contains(":2: steps: 2.5 (expected: a whole number)")
        .contains(":3: seed: a list (expected: one value)")
        .contains(":4: colour: unknown (expected: one of ");

    Path broken = config("rank = ", "steps 5");
    assertThat(SluiceRun.of("train", "--config", broken).err()).contains(broken + ":1: ");
    assertThat(SluiceRun.of("train", "--config", directory.resolve("none.toml")).err())
        .contains("none.toml");
  }

  @Test
  void sweep_fallingBudgets_writesABundleEachATableAndADrawing() throws Exception {
    Path folder = directory.resolve("sweep");
    SluiceRun run =
        SluiceRun.of(
            "train",
            "sweep",
            "--data",
            data,
            "--max-points",
            "3,1",
            "--steps",
            20,
            "--rank",
            4,
            "--out",
            folder);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("3 points", "1 points", "stop-1.bundle", "linear probe");
    assertThat(folder.resolve("stop-1.bundle")).isRegularFile();
    assertThat(SluiceRun.of("bundle", "verify", folder.resolve("stop-2.bundle")).code()).isZero();
    List<String> csv = Files.readAllLines(folder.resolve("pareto.csv"));
    assertThat(csv).hasSize(3);
    assertThat(csv.get(0)).startsWith("budget,limit,cost,unit,");
    assertThat(csv.get(2)).startsWith("1 points,1,1,points,");
    assertThat(csv).allMatch(line -> line.split(",").length == csv.get(0).split(",").length);
    var svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(folder.resolve("pareto.svg").toFile());
    assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(2);

    assertThat(SluiceRun.of("train", "sweep", "--data", data, "--out", folder).err())
        .contains("a sweep is there already");
    Path other = directory.resolve("other");
    assertThat(
            SluiceRun.of("train", "sweep", "--data", data, "--max-points", "1,2", "--out", other)
                .err())
        .contains("budgets: 2 points after 1 points (expected: falling, in one unit)");
  }

  @Test
  void train_severalData_areJoinedAndTheConfigurationNamesThemAll() throws IOException {
    Path more = Files.copy(data, directory.resolve("more.jsonl"));
    Path folder = directory.resolve("run");
    SluiceRun run =
        SluiceRun.of(
            "train", "--data", data, "--data", more, "--dev", data, "--run", folder, "--steps=20");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(folder.resolve("config.toml")))
        .contains(
            "data = [\"" + data.toAbsolutePath() + "\", \"" + more.toAbsolutePath() + "\"]\n");
  }

  @Test
  void train_runThatCouldNotBegin_leavesItsFolderToTheNext() throws IOException {
    Path folder = directory.resolve("run");
    SluiceRun small = SluiceRun.of("train", "--data", data, "--run", folder, "--max-params", "10");
    assertThat(small.code()).as(small.err()).isEqualTo(2);
    assertThat(folder).isEmptyDirectory();

    SluiceRun mended =
        SluiceRun.of(
            "train",
            "--data",
            data,
            "--run",
            folder,
            "--max-points",
            1,
            "--rank",
            4,
            "--steps",
            20);
    assertThat(mended.code()).as(mended.err()).isZero();
    assertThat(folder.resolve("task.bundle")).isRegularFile();
  }

  @Test
  void train_resumeOfNoRun_isRefused() {
    SluiceRun run = SluiceRun.of("train", "--resume", directory);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("config.toml");
  }

  @Test
  void train_withoutDataOrOut_isRefused() {
    assertThat(SluiceRun.of("train").err()).contains("--data: missing");
    assertThat(SluiceRun.of("train", "--data", data).err()).contains("--out: missing");
  }

  private Path config(String... lines) throws IOException {
    return Files.writeString(directory.resolve("config.toml"), String.join("\n", lines) + "\n");
  }
}
