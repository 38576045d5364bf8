package io.sluice.cli.command;

import static java.util.Map.entry;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.process.ProcessLife;
import io.sluice.loadtest.bundle.RandomEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Bad values of every option of benchmarks and experiments: each is told at once, in one line, and
 * nothing is begun. An option that is not in the table fails the test.
 */
@Timeout(120)
class OptionSweepTest {
  private static final String NONE = "NONE";
  private static final String FILE = "FILE";
  private static final String FOLDER = "FOLDER";

  /** More than it takes even on a machine that is held up, less than any run. */
  private static final Duration AT_ONCE = Duration.ofSeconds(20);

  private static final List<String> COUNT = List.of("", "x", "-1", "0", "1.5", "99999999999");
  private static final List<String> AMOUNT = List.of("", "x", "-1", "99999999", "99999999999");
  private static final List<String> TIME = List.of("", "x", "-1", "0", "NaN", "Infinity", "100000");
  private static final List<String> INPUT = List.of("", NONE, FOLDER, FILE);
  private static final List<String> OUTPUT = List.of("", FILE, FILE + "/x");

  /** By the option; by the command and the option where a command's is another. */
  private static final Map<String, List<String>> BAD =
      Map.<String, List<String>>ofEntries(
          entry("--backbone", List.of("", NONE, FILE, "random:2", "random:0x16", "random:9x99984")),
          entry("--backbone-precision", List.of("", "FP8")),
          entry("--batch", COUNT),
          entry("--bound", COUNT),
          entry("--bundle", INPUT),
          entry("--changes-per-second", TIME),
          entry("--clients", COUNT),
          entry("--connections", COUNT),
          entry("--counts", COUNT),
          entry("--data-root", List.of("", NONE, FILE)),
          entry("--device", List.of("", "gpu", "cuda:x", "cpu,cuda")),
          entry("--express-memory", AMOUNT),
          entry("--files", OUTPUT),
          entry("--fresh", COUNT),
          entry("--jobs", COUNT),
          entry("--load", TIME),
          entry("--minutes", TIME),
          entry("--objective", COUNT),
          entry("--only", List.of("", "x", "colour=red", "task=none", "seed=77")),
          entry("--out", OUTPUT),
          entry("--part", List.of("", "EVERY")),
          entry("--peer-memory", AMOUNT),
          entry("--points", List.of("", "x", "-1", "0", "3", "99999999999")),
          entry("--rank", COUNT),
          entry("--rates", List.of("", "x", "-1", "0", "NaN", "Infinity")),
          entry("--repeats", COUNT),
          entry("--rows", COUNT),
          entry("--sample-every", TIME),
          entry("--seconds", TIME),
          entry("--seed", List.of("", "x", "1.5", "99999999999999999999")),
          entry("--seeds", List.of("", "x", "1.5", "99999999999999999999")),
          entry("--show", List.of("", "mane")),
          entry("--suite", List.of("", "mane", NONE + ".toml")),
          entry("--swaps-per-second", TIME),
          entry("--tasks", COUNT),
          entry("experiment --tasks", INPUT),
          entry("--texts", COUNT),
          entry("--threads", COUNT),
          entry("--tokens", List.of("", "x", "-1", "0", "100000", "99999999999")),
          entry("--trainings", COUNT),
          entry("--zipf", List.of("", "x", "-1", "NaN", "Infinity")));

  @TempDir static Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    Files.writeString(folder.resolve("file"), "neither this nor that");
    Files.createDirectory(folder.resolve("folder"));
    BackboneFormat.write(
        RandomEncoder.of("random:1x16", OnnxRuntime.shared()), folder.resolve("backbone"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench device",
        "bench engine",
        "bench floor",
        "bench load",
        "bench multi",
        "bench overload",
        "bench precision",
        "bench soak",
        "bench swap",
        "bench tasks",
        "experiment"
      })
  void option_badValue_isRefusedAtOnce(String command) {
    SoftAssertions all = new SoftAssertions();
    for (OptionSpec option : options(command)) {
      for (String bad : bad(command, option)) {
        String value = placed(bad);
        refused(all, command, value, List.of(option.longestName() + "=" + value));
      }
    }
    all.assertAll();
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("store")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "bench load, 60.0, --rates=60;--rates=20",
    "bench soak, 10.0, --minutes=0.1;--sample-every=10",
    "bench engine, FP16, --backbone-precision=FP16;--device=cpu",
    "bench load, FP16, --backbone-precision=FP16;--device=cpu",
    "experiment, main, --list;--show=main",
    "experiment, seed=2, --seeds=1;--only=seed=2",
    "serve, 9, --port=9;--admin-port=9",
    "serve, 0.5, --trace-share=0.5",
    "serve, FP16, --backbone-precision=FP16;--device=cpu"
  })
  void options_thatContradictEachOther_areRefusedAtOnce(
      String command, String told, String options) {
    SoftAssertions all = new SoftAssertions();
    refused(all, command, told, List.of(options.split(";", -1)));
    all.assertAll();
  }

  @Test
  void bench_severalBadValues_areToldTogether() {
    SluiceRun run = SluiceRun.of("bench", "load", "--seconds=0", "--tokens=2", "--repeats=0");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err().replace("sluice: ", "").lines())
        .containsExactlyInAnyOrder(
            "seconds: 0.0 (expected: 0.001 to 86400)",
            "tokens: 2 (expected: 3 to 128)",
            "repeats: 0 (expected: 1 to 10000)");
  }

  private static void refused(
      SoftAssertions all, String command, String told, List<String> options) {
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    base(command).stream()
        .filter(word -> options.stream().noneMatch(option -> sameOption(word, option)))
        .forEach(words::add);
    words.addAll(options);
    long begin = System.nanoTime();
    SluiceRun run = SluiceRun.of(words.toArray());
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    String what = command + " " + String.join(" ", options);
    all.assertThat(run.code()).as("%s: %s", what, run.err()).isEqualTo(2);
    all.assertThat(run.err())
        .as(what)
        .matches("(?s)sluice: [^\n]*: [^\n]* \\(expected: .*")
        .contains(told)
        .doesNotContain("internal error", "\tat ");
    all.assertThat(run.out()).as(what).isEmpty();
    all.assertThat(taken).as(what).isLessThan(AT_ONCE);
  }

  private static boolean sameOption(String word, String option) {
    return word.split("=", 2)[0].equals(option.split("=", 2)[0]);
  }

  /** What makes the command whole. */
  private static List<String> base(String command) {
    if (command.equals("serve")) {
      return List.of(
          "--store=" + folder.resolve("store"),
          "--backbone=" + folder.resolve("backbone"),
          "--port=0",
          "--admin-port=0");
    }
    if (command.equals("experiment")) {
      return List.of(
          "--suite=main",
          "--out=" + folder.resolve("out"),
          "--data-root=" + folder.resolve("folder"),
          "--backbone=" + folder.resolve("backbone"));
    }
    return List.of("--backbone=random:1x16");
  }

  private static List<String> bad(String command, OptionSpec option) {
    if (option.arity().max() == 0) {
      return List.of("maybe");
    }
    List<String> bad =
        BAD.getOrDefault(command + " " + option.longestName(), BAD.get(option.longestName()));
    return requireNonNull(bad, () -> option.longestName() + " of " + command + ": no bad values");
  }

  private static String placed(String value) {
    return value
        .replace(NONE, folder.resolve("none").toString())
        .replace(FILE, folder.resolve("file").toString())
        .replace(FOLDER, folder.resolve("folder").toString());
  }

  private static List<OptionSpec> options(String command) {
    CommandLine line = SluiceCommand.commandLine(ProcessLife.guest());
    for (String word : command.split(" ", -1)) {
      line = requireNonNull(line.getSubcommands().get(word), command);
    }
    return line.getCommandSpec().options().stream()
        .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp())
        .collect(Collectors.toList());
  }
}
