package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proto.v1.ClassifyRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SwapUnderLoadTest {
  private static final List<ClassifyRequest> REQUESTS =
      List.of(ClassifyRequest.newBuilder().setTask("task").setText("text").build());

  @Test
  void run_answersChange_tellsWhoAnsweredWhen() throws Exception {
    try (CannedServer server = new CannedServer()) {
      SwapReport report =
          SwapUnderLoad.run(
              "127.0.0.1",
              server.port(),
              REQUESTS,
              3,
              Duration.ofMillis(300),
              () -> server.answerAs("second"));
      assertThat(report.errors()).isEmpty();
      assertThat(report.digests())
          .extracting(SwapReport.Answering::digest)
          .containsExactly("first", "second");
      assertThat(report.digests().get(0).first()).isNegative();
      assertThat(report.digests().get(1).last()).isPositive();
      assertThat(report.before().replies()).isPositive();
      assertThat(report.after().p50Nanos()).isPositive();
      assertThat(report.replies())
          .isEqualTo(report.digests().stream().mapToLong(SwapReport.Answering::replies).sum());
    }
  }

  @Test
  void run_serverFails_countsTheFailuresByStatus() throws Exception {
    try (CannedServer server = new CannedServer()) {
      SwapReport report =
          SwapUnderLoad.run(
              "127.0.0.1",
              server.port(),
              REQUESTS,
              2,
              Duration.ofMillis(200),
              () -> server.fail(true));
      assertThat(report.errors()).containsOnlyKeys("UNAVAILABLE");
      assertThat(report.errors().get("UNAVAILABLE")).isPositive();
    }
  }

  @Test
  void throughput_requestFails_isAnErrorNotAFigure() throws Exception {
    try (CannedServer server = new CannedServer();
        ServedTask task = new ServedTask("127.0.0.1", server.port(), "task")) {
      assertThat(task.throughput(List.of("a", "b"), 4, Duration.ofMillis(200))).isPositive();
      assertThat(task.oneByOne(List.of("a", "b"), 10).getTotalCount()).isEqualTo(10);
      server.fail(true);
      assertThatThrownBy(() -> task.throughput(List.of("a"), 4, Duration.ofMillis(200)))
          .hasMessageContaining("UNAVAILABLE");
    }
  }

  @Test
  void spread_ofValues_isTheirMedianLeastAndGreatest() {
    assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(2, 1, 3));
    assertThat(Spread.of(4, 1)).isEqualTo(new Spread(2.5, 1, 4));
    assertThat(Spread.of(1, 2, 4).describe(1)).isEqualTo("2.0 (1.0 .. 4.0)");
  }

  @Test
  void memoryReport_perTask_isTheSlopeOfTheLastStages() {
    MemoryReport report =
        new MemoryReport(
            List.of(
                new MemoryReport.Stage(0, 1000),
                new MemoryReport.Stage(10, 5000),
                new MemoryReport.Stage(100, 14_000)),
            80);
    assertThat(report.bytesPerTask()).isEqualTo(100);
    assertThat(report.table()).contains("100 tasks");
  }
}
