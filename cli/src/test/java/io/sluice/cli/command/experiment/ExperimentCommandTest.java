package io.sluice.cli.command.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.cli.command.SluiceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments from the command line. */
class ExperimentCommandTest {
  @TempDir Path directory;

  @BeforeEach
  void rows() throws IOException {
    write("one.jsonl", rows(0));
    write("two.jsonl", rows(1));
    write("dev.jsonl", rows(2));
  }

  private static String rows(int from) {
    StringBuilder rows = new StringBuilder();
    for (int i = from; i < 24; i += 3) {
      rows.append("{\"text\": \"is my bike number ")
          .append(i)
          .append(" ready\", \"label\": \"status\"}\n")
          .append("{\"text\": \"what does wheel ")
          .append(i)
          .append(" cost\", \"label\": \"price\"}\n");
    }
    return rows.toString();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private Path experiment() throws IOException {
    return write(
        "small.toml",
        """
        title = "A small one"
        seeds = [1, 2]

        [defaults]
        steps = 20
        batch-size = 8
        max-tokens = 16
        max-params = "1.4%"

        [tasks.shop]
        data = ["one.jsonl", "two.jsonl"]
        dev = "dev.jsonl"

        [variants.full]
        method = "full"
        learning-rate = 0.0003

        [variants.random]
        method = "random"
        rank = 4
        max-points = 2

        [[claims]]
        subject = "random"
        against = "full"
        within = 0.5
        """);
  }

  @Test
  void experiment_smallOne_runsItsCellsOnceAndSumsThemUp() throws IOException {
    Path out = directory.resolve("out");
    Path file = experiment();
    SluiceRun part =
        SluiceRun.of("experiment", "--suite", file, "--out", out, "--only", "seed=2", "--jobs", 2);
    assertThat(part.code()).as(part.err()).isZero();
    assertThat(part.out()).contains("A small one", "2 of 4 cells", "(n=1)");
    assertThat(part.err()).contains("shop/full/seed-2  accuracy", "shop/random/seed-2  accuracy");
    Path done = out.resolve("cells/shop/random/seed-2/result.json");
    String result = Files.readString(done);
    assertThat(result)
        .contains(
            "\"method\" : \"random\"", "\"train_rows\" : \"32\"", "\"budget\" : \"2 points\"");

    SluiceRun rest = SluiceRun.of("experiment", "--suite", file, "--out", out);
    assertThat(rest.code()).as(rest.err()).isZero();
    assertThat(rest.err()).contains("seed-1  accuracy").doesNotContain("seed-2  accuracy");
    assertThat(Files.readString(done)).isEqualTo(result);
    assertThat(rest.out())
        .contains("4 of 4 cells", "random − full", "random is within 0.5 of full, or above it: ");

    Files.delete(done);
    Files.delete(out.resolve("table.md"));
    SluiceRun report = SluiceRun.of("experiment", "report", out);
    assertThat(report.code()).as(report.err()).isZero();
    assertThat(report.out()).contains("3 of 4 cells");
    assertThat(Files.readString(out.resolve("table.md"))).contains("| random | ", " (n=1)");
    assertThat(Files.readAllLines(out.resolve("results.csv"))).hasSize(4);
    assertThat(out.resolve("small.svg")).isRegularFile();

    String other = Files.readString(file).replace("rank = 4", "rank = 8");
    Path changed = write("small.toml", other);
    SluiceRun refused = SluiceRun.of("experiment", "--suite", changed, "--out", out);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("shop/random/seed-1: ranks: 8 (expected: 4)");
  }

  @Test
  void experiment_cellThatFails_isReportedAndTheOthersAreDone() throws IOException {
    Path file =
        write(
            "failing.toml",
            Files.readString(experiment())
                .replace("max-points = 2", "max-params = 1")
                .replace("method = \"full\"", "method = \"head-only\"")
                .replace("seeds = [1, 2]", "seeds = [1]"));
    Path out = directory.resolve("out");
    SluiceRun run = SluiceRun.of("experiment", "--suite", file, "--out", out);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("failed shop/random/seed-1: budget: ");
    assertThat(run.out()).contains("failed shop/random/seed-1: budget: ", "1 of 2 cells");
    assertThat(out.resolve("cells/shop/random/seed-1/error.txt")).isRegularFile();
    assertThat(out.resolve("cells/shop/full/seed-1/result.json")).isRegularFile();
  }

  @Test
  void experiment_fileWithMistakes_namesAllWithTheirLines() throws IOException {
    Path file =
        write(
            "bad.toml",
            """
            seeds = [1, 1]
            colour = "red"
            chart = "pie"
            [tasks.shop]
            data = "one.jsonl"
            stepz = 4
            max-tokens = "wide"
            seed = 3
            [variants."a b"]
            rank = 4
            data = "x"
            method = "magic"
            [[claims]]
            subject = "learned"
            against = "a b"
            """);
    SluiceRun run = SluiceRun.of("experiment", "--suite", file, "--jobs", 0);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "--out: missing (expected: a folder for what comes out)",
            "jobs: 0 (expected: 1..1024)",
            ":1: seeds: [1, 1] (expected: different whole numbers, [1, 2, 3])",
            ":2: colour: unknown (expected: title, seeds,",
            ":3: chart: pie (expected: dots or cost)",
            ":6: tasks.shop.stepz: unknown (expected: steps?)",
            ":7: tasks.shop.max-tokens: wide (expected: a whole number)",
            ":8: tasks.shop.seed: unknown (expected: ",
            ":9: variants.a b: name: a b (expected: letters, digits,",
            ":11: variants.a b.data: belongs to a task's rows (expected: in [tasks.NAME] only)",
            ":12: variants.a b.method: ",
            "claims: learned (expected: a variant, one of a b)");
  }

  @Test
  void experiment_valuesOutOfRangeAndRowsThatAreNotThere_areAllNamed() throws IOException {
    Path file =
        write(
            "range.toml",
            """
            [tasks.shop]
            data = "one.jsonl"
            dev = "dev.jsonl"
            [variants.fast]
            learning-rate = 7
            [variants.wide]
            rank = 0
            """);
    Path out = directory.resolve("out");
    SluiceRun run = SluiceRun.of("experiment", "--suite", file, "--out", out);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("tasks.shop, variants.fast: settings: learning-rate: 7.0")
        .contains("tasks.shop, variants.wide: settings: rank: 0");
    assertThat(out).doesNotExist();

    SluiceRun rows =
        SluiceRun.of(
            "experiment", "--suite", "main", "--data-root", directory, "--out", out, "--seeds", 1);
    assertThat(rows.code()).isEqualTo(2);
    assertThat(rows.err()).contains("tasks.mnli: ", "tasks.trec: ", "no such file");
    assertThat(out).doesNotExist();

    SluiceRun only =
        SluiceRun.of("experiment", "--suite", "main", "--out", out, "--only", "task=mnly,seed=9");
    assertThat(only.err())
        .contains("only: task=mnly (expected: one of mnli, boolq,", "only: seed=9 (expected: ");
    assertThat(SluiceRun.of("experiment", "--suite", "mane", "--out", out).err())
        .contains("suite: mane (expected: main, placement,");
    assertThat(SluiceRun.of("experiment", "report", out.resolve("none")).code()).isEqualTo(2);
  }

  @Test
  void suites_thatComeWithTheProgram_canBePutTogetherInOneFolder() {
    List<String> problems = new ArrayList<>();
    List<ExperimentFile> files =
        ShippedSuites.NAMES.stream()
            .map(
                name ->
                    ExperimentFile.read(
                        name, name, ShippedSuites.text(name), Path.of(""), problems))
            .toList();
    ExperimentFile tasks =
        ExperimentFile.read("tasks", "tasks", ShippedSuites.text("tasks"), Path.of(""), problems);
    ExperimentPlan plan = ExperimentPlan.of(tasks, files, List.of(), problems);
    assertThat(problems).isEmpty();
    long full =
        plan.cells(OnlyCells.ALL).stream().filter(cell -> cell.variant().equals("full")).count();
    assertThat(full).isEqualTo(6L * 3);
    assertThat(plan.variants()).containsOnlyKeys(tasks.tasks().keySet());
    assertThat(plan.variants().values())
        .allSatisfy(variants -> assertThat(variants).hasSizeGreaterThan(35));
    SluiceRun list = SluiceRun.of("experiment", "--list");
    assertThat(list.code()).isZero();
    assertThat(list.out()).contains("main", "sensitivity", "learned-0.35");
    assertThat(SluiceRun.of("experiment", "--show", "main").out().toLowerCase(Locale.ROOT))
        .contains("[variants.learned]");
  }
}
