package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script before the command, with a Java that only tells how it was called. */
class LauncherTest {
  @TempDir Path directory;

  @BeforeEach
  void lay() throws IOException {
    Path script = Path.of("..", "sluice");
    assumeThat(script).as("the script of the checkout").exists();
    Files.createDirectories(directory.resolve("lib"));
    Files.copy(script, Files.createDirectories(directory.resolve("bin")).resolve("sluice"));
    Path java = Files.createDirectories(directory.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        case "$1" in -version) echo 'openjdk version "17.0.1"' >&2; exit ;; esac
        echo "LC_ALL=$LC_ALL"
        for word; do echo "$word"; done
        """);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', C.UTF-8",
    "C, '', '', C.UTF-8",
    "'', POSIX, '', C.UTF-8",
    "de_DE.UTF-8, '', C, C.UTF-8",
    "de_DE.UTF-8, '', '', ''",
    "C, en_US.UTF-8, '', ''",
    "C, '', de_DE.UTF-8, de_DE.UTF-8"
  })
  void java_inABareLocale_getsOneThatKeepsEveryLetter(
      String lang, String type, String all, String expected) throws Exception {
    assertThat(run(Map.of("LANG", lang, "LC_CTYPE", type, "LC_ALL", all), "doctor"))
        .startsWith("LC_ALL=" + expected + "\n");
  }

  @Test
  void arguments_withBlanksStarsAndQuotes_arriveAsTyped() throws Exception {
    assertThat(run(Map.of(), "classify", "--task", "a b", "Kaese * \"$HOME\" 'x'", ""))
        .endsWith("classify\n--task\na b\nKaese * \"$HOME\" 'x'\n\n");
  }

  private String run(Map<String, String> environment, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(directory.resolve("bin/sluice").toString());
    builder.command().add(0, "bash");
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    environment.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            builder.environment().put(name, value);
          }
        });
    builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
    Process process = builder.redirectError(directory.resolve("err").toFile()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("err"))).isZero();
    return said;
  }
}
