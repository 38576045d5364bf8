package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How rows are shared between those who compute. */
class FairQueueTest {
  @RegisterExtension final TestingQueue rows = new TestingQueue();

  private final FairQueue queue =
      new FairQueue(
          new BatchingSettings(
              1_000, 64, 100, Duration.ofMillis(5), Duration.ZERO, Duration.ofMillis(250)));
  private final List<Row> dead = new ArrayList<>();

  @Test
  void take_fewRowsOfAText_stayTogether() {
    addText(3, 1);
    assertThat(queue.take(rows.nowNanos(), 1, dead)).hasSize(3);
  }

  @Test
  void take_manyRowsOfAText_goWithTheFirstOfThem() {
    addText(8, 1);
    addText(1, 2);
    assertThat(queue.take(rows.nowNanos(), 4, dead)).hasSize(8);
    assertThat(queue.take(rows.nowNanos(), 4, dead)).hasSize(1);
    assertThat(queue.rows()).isZero();
  }

  @Test
  void take_otherTexts_areSharedOutOneByOne() {
    addText(1, 1);
    addText(1, 2);
    assertThat(queue.take(rows.nowNanos(), 1, dead)).hasSize(1);
    assertThat(queue.take(rows.nowNanos(), 1, dead)).hasSize(1);
  }

  private void addText(int tasks, long firstToken) {
    for (int i = 0; i < tasks; i++) {
      queue.add(rows.rowOf("task" + i, firstToken));
    }
  }
}
