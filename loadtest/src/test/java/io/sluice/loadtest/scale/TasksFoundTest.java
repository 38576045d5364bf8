package io.sluice.loadtest.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.vitals.Vitals;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TasksFoundTest {
  @Test
  void perTask_threeCounts_leavesTheWarmUpOfTheProcessOut() {
    TasksFound found = found(step(1, 1_000_000), step(100, 9_000_000), step(1_000, 9_901_000));
    assertThat(found.base().tasks()).isEqualTo(100);
    assertThat(found.perTask()).isEqualTo(1_000);
  }

  @Test
  void perTask_fewerCounts_countsFromTheFirst() {
    assertThat(found(step(1, 1_000), step(11, 3_000)).perTask()).isEqualTo(100);
    assertThat(found(step(1, 1_000)).perTask()).isZero();
  }

  private static TasksFound found(TasksFound.Step... steps) {
    return new TasksFound("small", 10, vitals(0), Arrays.asList(steps), null);
  }

  private static TasksFound.Step step(int tasks, long usedBytes) {
    return new TasksFound.Step(
        tasks,
        Latencies.NONE,
        1,
        0,
        vitals(usedBytes - 1_000),
        vitals(usedBytes),
        List.of(),
        List.of(),
        0,
        0);
  }

  private static Vitals vitals(long usedBytes) {
    return new Vitals(0, usedBytes, 0, 0, 0, 0, 0, 0);
  }
}
