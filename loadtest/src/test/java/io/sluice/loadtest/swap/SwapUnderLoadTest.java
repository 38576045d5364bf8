package io.sluice.loadtest.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.sluice.backbone.Digest;
import io.sluice.backbone.TextPair;
import io.sluice.loadtest.LoadSettings;
import io.sluice.loadtest.testing.TestingServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SwapUnderLoadTest {
  private static final Digest A = TestingServer.digest("a");
  private static final Digest B = TestingServer.digest("b");

  private TestingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new TestingServer();
    server.answerAs(A);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void run_swapsBackAndForth_isCleanAndCountsEverything() throws Exception {
    SwapReport report =
        SwapUnderLoad.run(
            settings(),
            A,
            log -> {
              for (int i = 1; i <= 20; i++) {
                Digest next = i % 2 == 0 ? A : B;
                log.activate(() -> answerAndAwaitAReply(next));
              }
            });
    assertThat(report.violations()).isEmpty();
    assertThat(report.clean()).isTrue();
    assertThat(report.swaps()).isEqualTo(20);
    assertThat(report.activationLatencies().count()).isEqualTo(20);
    assertThat(report.requests()).isEqualTo(server.requests());
    assertThat(report.digests())
        .extracting(DigestSeen::digest)
        .containsExactlyInAnyOrder(A.toString(), B.toString());
    assertThat(report.digests().stream().mapToLong(DigestSeen::replies).sum())
        .isEqualTo(report.requests());
    for (Phase phase : Phase.values()) {
      assertThat(report.latencies(phase).count()).as("%s", phase).isPositive();
      assertThat(report.latencies(phase).maxNanos()).isPositive();
    }
    long measured =
        report.latencies().values().stream().mapToLong(latencies -> latencies.count()).sum();
    assertThat(measured).isBetween(1L, report.requests() - 1);
  }

  @Test
  void run_serverGoesOnWithTheOldBundle_isFound() throws Exception {
    SwapReport report = SwapUnderLoad.run(settings(), A, log -> log.activate(() -> B));
    assertThat(report.failures()).isEmpty();
    assertThat(report.clean()).isFalse();
    assertThat(report.violations())
        .isNotEmpty()
        .allMatch(violation -> violation.kind() == Violation.Kind.DIGEST_NOT_ACTIVE);
  }

  @Test
  void run_serverRefuses_countsByStatus() throws Exception {
    SwapReport report =
        SwapUnderLoad.run(settings(), A, log -> server.refuse(Status.Code.RESOURCE_EXHAUSTED));
    assertThat(report.clean()).isFalse();
    assertThat(report.failures()).containsOnlyKeys("RESOURCE_EXHAUSTED");
    assertThat(report.failures().get("RESOURCE_EXHAUSTED")).isGreaterThanOrEqualTo(20L);
    assertThat(report.swaps()).isZero();
  }

  @Test
  void run_scriptThrows_stopsTheClientsAndThrows() {
    assertThatThrownBy(
            () ->
                SwapUnderLoad.run(
                    settings(),
                    A,
                    log ->
                        log.activate(
                            () -> {
                              throw new IOException("no such bundle");
                            })))
        .isInstanceOf(IOException.class)
        .hasMessage("no such bundle");
  }

  @Test
  void run_pacedClients_keepTheirSchedule() throws Exception {
    LoadSettings load = load().paced(Duration.ofMillis(2));
    SwapReport report =
        SwapUnderLoad.run(
            new SwapSettings(load, 5, 20, 20), A, log -> log.activate(() -> server.answerAs(B)));
    assertThat(report.clean()).isTrue();
    // 3 clients, 2 ms: n requests cannot take less than (n / 3 - 1) * 2 ms.
    assertThat(report.elapsedNanos())
        .isGreaterThanOrEqualTo((report.requests() / 3 - 1) * 2_000_000L);
  }

  /** So that each bundle is seen and each activation overlaps with a request. */
  private Digest answerAndAwaitAReply(Digest next) {
    server.answerAs(next);
    long more = server.requests() + 6;
    while (server.requests() < more) {
      Thread.onSpinWait();
    }
    return next;
  }

  private SwapSettings settings() {
    return new SwapSettings(load(), 20, 20, 20);
  }

  private LoadSettings load() {
    return LoadSettings.closedLoop(
        server.target(), "task", List.of(TextPair.of("a"), TextPair.of("b")), 3);
  }
}
