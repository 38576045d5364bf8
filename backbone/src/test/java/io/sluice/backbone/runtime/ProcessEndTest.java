package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Ends a process of its own in the middle of runs, as Ctrl-C and service managers do. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "no SIGTERM there")
class ProcessEndTest {
  private static final int SIGTERM_EXIT = 128 + 15;

  @Test
  void sigterm_duringRuns_stopsThemAndExitsWithTheSignalsCode() throws Exception {
    assertThat(outputAfterSigterm())
        .contains("stop")
        .contains("refused UNAVAILABLE")
        .doesNotContain("SIGSEGV");
  }

  @Test
  void sigterm_stopActionFails_isReportedAndTheEndGoesOn() throws Exception {
    assertThat(outputAfterSigterm("cannot stop"))
        .contains("cannot stop")
        .contains("refused UNAVAILABLE");
  }

  private static String outputAfterSigterm(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-cp",
                System.getProperty("java.class.path"),
                RunningProcess.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    // Reading its output cannot be interrupted, so a process that hangs is ended from outside.
    CompletableFuture.delayedExecutor(100, TimeUnit.SECONDS).execute(process::destroyForcibly);
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (line != null && !line.equals(RunningProcess.RUNNING)) {
        line = output.readLine();
      }
      assertThat(line).isEqualTo(RunningProcess.RUNNING);

      // Process.destroy would close the output as well.
      process.toHandle().destroy();

      String rest = String.join("\n", output.lines().toList());
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(rest).isEqualTo(SIGTERM_EXIT);
      return rest;
    } finally {
      process.destroyForcibly();
    }
  }
}
