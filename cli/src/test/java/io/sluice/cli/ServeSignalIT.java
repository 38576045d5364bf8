package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.process.ServerProcess;
import io.sluice.loadtest.AdminCalls;
import io.sluice.loadtest.Ask;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.bundle.RandomEncoder;
import io.sluice.loadtest.bundle.TaskFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signal to a real {@code sluice serve} with requests in it: TERM, and INT as of Ctrl-C. */
@Timeout(120)
class ServeSignalIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ACCEPTED = 30;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void signal_requestsInside_areAllAnsweredAndTheExitCodeIsZero(String signal) throws Exception {
    assumeThat(isIgnored(signal))
        .as("%s is ignored here, as in the background of a shell, and so by every child", signal)
        .isFalse();
    OnnxRuntime runtime = OnnxRuntime.shared();
    Backbone backbone = RandomEncoder.of("random:6x256", runtime);
    Path imported = directory.resolve("backbone");
    BackboneFormat.write(backbone, imported);
    try (ServerProcess server =
        ServerProcess.start(
            List.of("-Xmx512m"),
            List.of(
                "--backbone",
                imported.toString(),
                "--store",
                directory.resolve("store").toString(),
                "--warm-up",
                "0"),
            directory.resolve("log"))) {
      try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
          AdminCalls admin = new AdminCalls(server.admin(), PATIENCE)) {
        admin.register("task", TaskFamily.atTop(sessions, runtime, 2, 4, 1).member(1));
      }
      try (AsyncCalls calls = new AsyncCalls(server.data(), 1)) {
        assertThat(ask(calls, "task", "good").get(30, TimeUnit.SECONDS).status())
            .isEqualTo(Exchange.OK);
        List<CompletableFuture<Exchange>> inside = new ArrayList<>();
        for (int i = 0; i < ACCEPTED; i++) {
          inside.add(ask(calls, "task", "word ".repeat(60) + i));
        }
        // One connection is read in order: with the answer to this, those before it are inside.
        assertThat(ask(calls, "nobody", "good").get(30, TimeUnit.SECONDS).status())
            .isEqualTo("NOT_FOUND");
        long answeredBefore = inside.stream().filter(CompletableFuture::isDone).count();
        assertThat(
                new ProcessBuilder("kill", "-" + signal, Long.toString(server.pid()))
                    .start()
                    .waitFor())
            .isZero();
        List<CompletableFuture<Exchange>> after = new ArrayList<>();
        for (int i = 0; i < ACCEPTED; i++) {
          after.add(ask(calls, "task", "too late " + i));
        }

        assertThat(answeredBefore).as("requests inside when the signal came").isLessThan(ACCEPTED);
        for (CompletableFuture<Exchange> one : inside) {
          assertThat(one.get(30, TimeUnit.SECONDS).status()).isEqualTo(Exchange.OK);
        }
        assertThat(server.awaitEnd(PATIENCE)).as(server.said()).isZero();
        for (CompletableFuture<Exchange> one : after) {
          assertThat(one.get(30, TimeUnit.SECONDS).status())
              .isIn(Exchange.OK, "UNAVAILABLE", "RESOURCE_EXHAUSTED");
        }
        assertThat(server.said()).contains("stopping").doesNotContain("not every request");
      }
    }
  }

  private static boolean isIgnored(String signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String mask =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow()
            .replaceAll("\\D*:\\s*", "");
    return (Long.parseUnsignedLong(mask, 16) >> (signal.equals("INT") ? 1 : 14) & 1) == 1;
  }

  private static CompletableFuture<Exchange> ask(AsyncCalls calls, String task, String text) {
    CompletableFuture<Exchange> answer = new CompletableFuture<>();
    var unused =
        calls.classify(
            new Ask(task, TextPair.of(text)), System.nanoTime(), PATIENCE, answer::complete);
    return answer;
  }
}
