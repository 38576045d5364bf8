package io.sluice.cli.command.serve;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.cli.command.SluiceCommand;
import io.sluice.cli.command.SluiceRun;
import io.sluice.cli.command.option.ConfigFile;
import io.sluice.cli.process.ProcessLife;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Where the settings of {@code sluice serve} come from; nothing is started here. */
class ServeConfigTest {
  private static final Path EXAMPLE = Path.of("../deploy/serve/sluice.toml");

  @TempDir Path directory;

  @Test
  void checkConfig_allSources_namesTheOneThatWins() throws IOException {
    Path file = write("port = 1000\nmax-queue-wait = 7\nwarm-up = 3\ntenants = true\n");

    SluiceRun run =
        check(
            Map.of("SLUICE_MAX_QUEUE_WAIT", "8", "SLUICE_PORT", "2000"),
            "--config",
            file,
            "--port",
            "3000");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out().lines().map(line -> line.replaceAll(" +", " ")))
        .contains(
            "port = 3000 # command line",
            "max-queue-wait = 8 # environment SLUICE_MAX_QUEUE_WAIT",
            "warm-up = 3 # " + file + ":3",
            "tenants = true # " + file + ":4",
            "drain-timeout = 30 # default");
  }

  @Test
  void checkConfig_ofWhatItPrinted_isTheSame() throws IOException {
    SluiceRun first = check(Map.of("SLUICE_STORE", "a \"b\" \\c"), "--admin-port=7");

    SluiceRun second = check(Map.of(), "--config", write(first.out()));

    assertThat(second.err()).isEmpty();
    assertThat(values(second)).isEqualTo(values(first));
  }

  @Test
  void serve_manyMistakes_areToldAtOnceWithTheirPlaces() throws IOException {
    Path file =
        write(
            """
            prot = 1
            max-queue-wait = "2s"
            warm-up = 100000
            port = 9
            admin-port = 9
            log-format = "XML"
            trace-share = 0.5
            tenants = "maybe"
            tls-cert = "server.crt"
            admin-host = "0.0.0.0"
            """);

    SluiceRun run = check(Map.of("SLUICE_DRAIN_TIMEOUT", "soon"), "--config", file);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().replace("sluice: ", "").lines())
        .contains(
            file + ":1: prot: unknown (expected: port?)",
            file + ":2: max-queue-wait: 2s (expected: a whole number of milliseconds)",
            file + ":3: warm-up: 100000 (expected: 0 to 86400)",
            file + ":5: admin-port: 9 (expected: another port than port)",
            file + ":6: log-format: XML (expected: TEXT, LOGFMT, JSON)",
            file + ":7: trace-share: 0.5 (expected: trace-endpoint beside it)",
            file + ":8: tenants: maybe (expected: true or false)",
            file + ":9: tls-cert: server.crt (expected: tls-key beside it)",
            file
                + ":10: admin-host: 0.0.0.0 (expected: tokens or tls-client-ca beside it, or an"
                + " address of this machine only)",
            "SLUICE_DRAIN_TIMEOUT: soon (expected: a whole number of seconds)");
  }

  @Test
  void example_withEveryLineInForce_isAccepted() throws IOException {
    String example = Files.readString(EXAMPLE);
    String everything = example.replaceAll("(?m)^# ([a-z0-9-]+ = )", "$1");

    SluiceRun run = check(Map.of(), "--config", write(everything));

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    CommandLine serve =
        requireNonNull(
            SluiceCommand.commandLine(ProcessLife.guest()).getSubcommands().get("serve"), "serve");
    for (OptionSpec option : serve.getCommandSpec().options()) {
      if (ConfigFile.isKey(option) && !option.longestName().equals("--stacktrace")) {
        String key = option.longestName().substring(2);
        assertThat(everything).containsPattern("(?m)^" + Pattern.quote(key) + " = ");
      }
    }
  }

  @Test
  void example_asItIs_statesTheDefaults() {
    assertThat(values(check(Map.of(), "--config", EXAMPLE))).isEqualTo(values(check(Map.of())));
  }

  private static List<String> values(SluiceRun run) {
    return run.out().lines().map(line -> line.replaceAll(" *# [^#]*$", "")).toList();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("sluice.toml"), text);
  }

  private static SluiceRun check(Map<String, String> environment, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = SluiceCommand.commandLine(ProcessLife.guest(environment));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] words = new String[arguments.length + 2];
    words[0] = "serve";
    words[1] = "--check-config";
    for (int i = 0; i < arguments.length; i++) {
      words[i + 2] = String.valueOf(arguments[i]);
    }
    int code = line.execute(words);
    return new SluiceRun(code, out.toString(), err.toString());
  }
}
