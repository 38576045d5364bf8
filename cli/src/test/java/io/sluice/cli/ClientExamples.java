package io.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.loadtest.Target;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of {@code examples/clients} and of the {@code .proto} files, as they lie to each other in
 * the repository, and the commands that the README there has under each heading. Confined to one
 * thread.
 */
final class ClientExamples {
  private static final Path ROOT = Path.of("..");
  private static final String CLIENTS = "examples/clients";
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  /** Package managers give up soon where nothing can be fetched; Maven starts fast. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PIP_RETRIES", "0",
          "PIP_DEFAULT_TIMEOUT", "15",
          "PIP_DISABLE_PIP_VERSION_CHECK", "1",
          "npm_config_fetch_retries", "0",
          "npm_config_audit", "false",
          "npm_config_fund", "false",
          "npm_config_update_notifier", "false",
          "MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
          "MAVEN_ARGS", "");

  private final Path copy;
  private final String readme;
  private final String server;

  private ClientExamples(Path copy, String readme, String server) {
    this.copy = copy;
    this.readme = readme;
    this.server = server;
  }

  /**
   * Copies the examples.
   *
   * @param server is asked instead of the one that the README names
   */
  static ClientExamples copy(Path directory, Target server) throws IOException {
    for (String folder : List.of(CLIENTS, "proto/src/main/proto")) {
      copyTree(ROOT.resolve(folder), directory.resolve(folder));
    }
    return new ClientExamples(
        directory.resolve(CLIENTS),
        Files.readString(ROOT.resolve(CLIENTS).resolve("README.md")),
        server.host() + ":" + server.port());
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copied = to.resolve(from.relativize(file).toString());
        Files.createDirectories(requireNonNull(copied.getParent()));
        Files.copy(file, copied);
        assertThat(copied.toFile().setExecutable(file.toFile().canExecute())).isTrue();
      }
    }
  }

  /** The blocks of commands under a heading, in order. */
  List<String> blocks(String heading) {
    List<String> blocks = new ArrayList<>();
    int start = readme.indexOf("\n## " + heading + "\n");
    int end = readme.indexOf("\n## ", start + 1);
    Matcher matcher = BLOCK.matcher(readme.substring(start, end));
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  /** Runs commands in a client's folder; after the limit they are killed, and have failed. */
  Ran run(String folder, String commands, Duration limit) throws Exception {
    File out = copy.resolve(folder + ".out").toFile();
    File err = copy.resolve(folder + ".err").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash", "-euo", "pipefail", "-c", commands.replace("localhost:8433", server))
            .directory(copy.resolve(folder).toFile())
            .redirectOutput(out)
            .redirectError(err);
    builder.environment().putAll(ENVIRONMENT);
    Process process = builder.start();
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    return new Ran(
        ended ? process.exitValue() : -1,
        Files.readAllLines(out.toPath(), UTF_8),
        Files.readString(err.toPath(), UTF_8));
  }

  /**
   * How commands ended.
   *
   * @param code the exit code, -1 when they were killed
   * @param out lines on standard output
   * @param err what came on standard error
   */
  record Ran(int code, List<String> out, String err) {}
}
