package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a process that could not do what it was asked for. */
@Timeout(60)
class MainTest {
  @Test
  void main_memoryIsNotEnough_saysSoInALineAndExits1(@TempDir Path directory) throws Exception {
    Path large = directory.resolve("large.bundle");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(200L << 20);
    }
    ProcessBuilder builder =
        java("-Xmx64m", "io.sluice.cli.Main", "bundle", "inspect", large.toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isEqualTo(1);
    assertThat(said).contains("sluice: memory: ", "SLUICE_JAVA_OPTS").doesNotContain("\tat ");
  }

  @Test
  void main_outputThatIsFull_saysSoAndExits1() throws Exception {
    assumeThat(Path.of("/dev/full")).exists();
    Process process =
        java("io.sluice.cli.Main", "completion").redirectOutput(new File("/dev/full")).start();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(said).isEqualTo(1);
    assertThat(said).startsWith("sluice: standard output: ").contains("expected: room");
  }

  @Test
  void main_outputThatNobodyReads_endsQuietlyAsByAPipe() throws Exception {
    Process process = java("io.sluice.cli.Main", "completion").start();
    process.getInputStream().close();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said).isEmpty();
    assertThat(process.waitFor()).isEqualTo(141);
  }

  private static ProcessBuilder java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }
}
