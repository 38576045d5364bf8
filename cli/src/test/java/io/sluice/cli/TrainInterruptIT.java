package io.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.cli.command.SluiceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C on a training process, a real one; the oracle is the run that nobody stopped. */
class TrainInterruptIT {
  private static final Duration LONG = Duration.ofSeconds(90);

  @TempDir Path directory;

  @Test
  void sigint_thenResume_isTheUninterruptedRunToTheBit() throws Exception {
    Path data = rows();
    List<String> options =
        List.of(
            "train",
            "--data",
            data.toString(),
            "--steps",
            "60",
            "--max-points",
            "3",
            "--rank",
            "4",
            "--threads",
            "1",
            "--patience",
            "100");
    Path stopped = directory.resolve("stopped");
    Process process = start(options, stopped);
    await().atMost(LONG).until(() -> steps(stopped) >= 10);
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
    assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(directory.resolve("stopped.log"));
    assertThat(process.exitValue()).as(said).isEqualTo(130);
    assertThat(said).contains("stopped; to go on: sluice train --resume " + stopped);
    assertThat(stopped.resolve("task.bundle")).doesNotExist();
    long done = steps(stopped);
    assertThat(done).isBetween(10L, 59L);

    Process resumed = start(List.of("train", "--resume", stopped.toString()), null);
    Process whole = start(options, directory.resolve("whole"));
    assertThat(resumed.waitFor()).as(Files.readString(directory.resolve("resumed.log"))).isZero();
    assertThat(whole.waitFor()).as(Files.readString(directory.resolve("whole.log"))).isZero();
    assertThat(Files.readAllBytes(stopped.resolve("task.bundle")))
        .isEqualTo(Files.readAllBytes(directory.resolve("whole/task.bundle")));
    assertThat(steps(stopped)).isEqualTo(60);
    assertThat(losses(stopped)).isEqualTo(losses(directory.resolve("whole")));
    SluiceRun verified =
        SluiceRun.of("bundle", "verify", stopped.resolve("task.bundle").toString());
    assertThat(verified.code()).as(verified.err()).isZero();
  }

  /** The bundles are those of the sweep that nobody stopped, and the table says the same. */
  @Test
  void sweep_interruptedAndResumed_writesTheBundlesOfTheWholeSweep() throws Exception {
    List<String> options =
        List.of(
            "train",
            "sweep",
            "--data",
            rows().toString(),
            "--steps",
            "20",
            "--max-points",
            "3,1",
            "--rank",
            "4",
            "--threads",
            "1",
            "--patience",
            "100",
            "--out");
    Path stopped = directory.resolve("stopped-sweep");
    Process process = sweep(options, stopped);
    await().atMost(LONG).until(() -> Files.exists(stopped.resolve("stop-1.bundle")));
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
    assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(directory.resolve("stopped-sweep.log"));
    assertThat(process.exitValue()).as(said).isEqualTo(130);
    assertThat(said).contains("stopped; to go on: sluice train sweep --resume " + stopped);
    assertThat(stopped.resolve("pareto.csv")).doesNotExist();

    Path log = directory.resolve("resumed-sweep.log");
    Process resumed = started(List.of("train", "sweep", "--resume", stopped.toString()), log);
    assertThat(resumed.waitFor()).as(Files.readString(log)).isZero();
    Path whole = directory.resolve("whole-sweep");
    assertThat(sweep(options, whole).waitFor()).isZero();
    for (String name : List.of("stop-1.bundle", "stop-2.bundle", "pareto.csv")) {
      assertThat(Files.readAllBytes(stopped.resolve(name)))
          .as(name)
          .isEqualTo(Files.readAllBytes(whole.resolve(name)));
    }
  }

  private Process sweep(List<String> options, Path folder) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.add(folder.toString());
    return started(all, directory.resolve(folder.getFileName() + ".log"));
  }

  private Process start(List<String> options, @Nullable Path folder) throws IOException {
    List<String> all = new ArrayList<>(options);
    String name = "resumed";
    if (folder != null) {
      all.add("--run");
      all.add(folder.toString());
      name = folder.getFileName().toString();
    }
    return started(all, directory.resolve(name + ".log"));
  }

  private static Process started(List<String> options, Path log) throws IOException {
    // A build in the background of a script ignores SIGINT, and so would all that it starts.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("io.sluice.cli.Main");
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Not an argument: ONNX Runtime crashes on a long command line.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder.redirectOutput(log.toFile()).start();
  }

  private static long steps(Path folder) throws IOException {
    return lines(folder).stream().filter(line -> line.contains("\"type\":\"step\"")).count();
  }

  /** What a line has besides the time it took. */
  private static List<String> losses(Path folder) throws IOException {
    return lines(folder).stream()
        .map(line -> line.replaceAll("\"elapsed_seconds\":[^,}]*", ""))
        .toList();
  }

  private static List<String> lines(Path folder) throws IOException {
    Path log = folder.resolve("metrics.jsonl");
    return Files.exists(log) ? Files.readString(log, UTF_8).lines().toList() : List.of();
  }

  private Path rows() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      rows.append("{\"text\": \"")
          .append(i % 2 == 0 ? "is my bike number " : "what does wheel ")
          .append(i)
          .append(i % 3 == 0 ? " ready" : " cost")
          .append("\", \"label\": \"")
          .append(i % 5 == 0 ? "other" : i % 2 == 0 ? "status" : "price")
          .append("\"}\n");
    }
    return Files.writeString(directory.resolve("rows.jsonl"), rows);
  }
}
