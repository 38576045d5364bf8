package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Starts processes whose command lines are as long as texts and class paths can be. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "only there is the command line looked at")
class CommandLineLimitTest {

  @Test
  void start_longCommandLine_isRefusedBeforeItCrashes() throws Exception {
    assertThat(started(CommandLineLimit.MOST_BYTES + 1, false))
        .contains("command line: ")
        .contains("ORT_DISABLE_TELEMETRY=1")
        .doesNotContain("started");
  }

  @Test
  void start_commandLineAtTheLimit_starts() throws Exception {
    assertThat(started(CommandLineLimit.MOST_BYTES, false)).contains("started");
  }

  @Test
  void start_longCommandLineWithoutTelemetry_starts() throws Exception {
    assertThat(started(3 * CommandLineLimit.MOST_BYTES, true)).contains("started");
  }

  /** What a process says that starts the runtime, its command line filled up to {@code bytes}. */
  private static String started(int bytes, boolean withoutTelemetry)
      throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElse("java");
    int fixed = java.length() + "-Dfill=".length() + StartingProcess.class.getName().length() + 3;
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(java, "-Dfill=" + "x".repeat(bytes - fixed), StartingProcess.class.getName()));
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().remove(CommandLineLimit.TELEMETRY);
    if (withoutTelemetry) {
      builder.environment().put(CommandLineLimit.TELEMETRY, "1");
    }
    Process process = builder.redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isLessThan(128);
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** A main that starts the runtime and ends. */
  static final class StartingProcess {
    private StartingProcess() {}

    public static void main(String[] arguments) {
      OnnxRuntime.start(new RuntimeSettings(1));
      System.out.println("started");
    }
  }
}
