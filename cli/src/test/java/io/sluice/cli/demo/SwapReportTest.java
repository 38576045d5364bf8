package io.sluice.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.cli.demo.RequestStream.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwapReportTest {
  /** The swap from "old" to "new" lasts from 100 to 200. */
  private static SwapReport report(Request... requests) {
    return new SwapReport(List.of(requests), 100, 200, "old", "new");
  }

  @Test
  void untrue_eachBundleWhileItWasActive_isNone() {
    SwapReport report =
        report(
            new Request(0, 50, "old", ""),
            new Request(90, 150, "old", ""),
            new Request(90, 150, "new", ""),
            new Request(190, 250, "old", ""),
            new Request(210, 260, "new", ""));

    assertThat(report.untrue()).isZero();
    assertThat(report.answeredBy("old")).isEqualTo(3);
    assertThat(report.failed()).isEmpty();
  }

  @Test
  void untrue_oldBundleAfterTheSwapOrNewBeforeIt_isCounted() {
    SwapReport report =
        report(
            new Request(201, 250, "old", ""),
            new Request(0, 99, "new", ""),
            new Request(0, 50, "other", ""));

    assertThat(report.untrue()).isEqualTo(3);
  }

  @Test
  void latencies_requestsAroundTheSwap_areSplitByWhenTheyRan() {
    SwapReport report =
        report(
            new Request(0, 10, "old", ""),
            new Request(80, 120, "old", ""),
            new Request(300, 350, "new", ""),
            new Request(150, 160, "", "UNAVAILABLE: no"));

    assertThat(report.beforeSwap().percentile(1)).isEqualTo(10);
    assertThat(report.throughSwap().percentile(1)).isEqualTo(40);
    assertThat(report.afterSwap().percentile(1)).isEqualTo(50);
    assertThat(report.failed()).hasSize(1);
  }

  @Test
  void percentile_ofTenLatencies_isTheNearestRank() {
    Latencies latencies = new Latencies(new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

    assertThat(latencies.percentile(0.5)).isEqualTo(5);
    assertThat(latencies.percentile(0.99)).isEqualTo(10);
    assertThat(new Latencies(new long[0]).percentile(0.5)).isNaN();
  }
}
