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
    assertThat(resumed.waitFor()).isZero();
    assertThat(whole.waitFor()).isZero();
    assertThat(Files.readAllBytes(stopped.resolve("task.bundle")))
        .isEqualTo(Files.readAllBytes(directory.resolve("whole/task.bundle")));
    assertThat(steps(stopped)).isEqualTo(60);
    assertThat(losses(stopped)).isEqualTo(losses(directory.resolve("whole")));
    SluiceRun verified =
        SluiceRun.of("bundle", "verify", stopped.resolve("task.bundle").toString());
    assertThat(verified.code()).as(verified.err()).isZero();
  }

  private Process start(List<String> options, @Nullable Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("io.sluice.cli.Main");
    command.addAll(options);
    String name = "resumed";
    if (folder != null) {
      command.add("--run");
      command.add(folder.toString());
      name = folder.getFileName().toString();
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Not an argument: ONNX Runtime crashes on a long command line.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder.redirectOutput(directory.resolve(name + ".log").toFile()).start();
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
