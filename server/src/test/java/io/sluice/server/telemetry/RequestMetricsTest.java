package io.sluice.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.server.engine.RowResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {
  private static final int TASKS = 10_000;
  private static final int NAMED = 100;
  private static final int LARGEST_BYTES = 300_000;

  /** What a request and a row of a task leave, buckets included. */
  private static final int LINES_OF_A_TASK = 16;

  @Test
  void page_tenThousandTasksAnswer_namesSomeAndCountsTheRestAsOne() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    RequestMetrics metrics = new RequestMetrics(registry, new TaskLabels(NAMED));
    RowResult result = new RowResult(new float[2], 1000, 1000, 1000, 0, 0, 1);
    for (int i = 0; i < TASKS; i++) {
      String task = "a-task-of-some-length-" + i;
      metrics.answered(task, 9, 1000, result);
      metrics.request(
          "sluice.v1.InferenceService/Classify", metrics.labels().of(task, "OK"), "OK", 1000);
    }
    String page = registry.scrape();

    assertThat(page.length()).isLessThan(LARGEST_BYTES);
    List<String> lines = page.lines().filter(line -> line.contains("task=\"")).toList();
    assertThat(lines).hasSize(LINES_OF_A_TASK * (NAMED + 1));
    assertThat(lines)
        .contains("sluice_rows_total{task=\"other\"} " + (double) (TASKS - NAMED))
        .contains("sluice_rows_total{task=\"a-task-of-some-length-99\"} 1.0");
    registry.close();
  }
}
