package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a queue takes in, and what it refuses. */
@Timeout(20)
class BatcherAdmissionTest {
  @RegisterExtension final TestingQueue queue = new TestingQueue();

  @Test
  void submit_full_isRefusedWithADelay() {
    Batcher batcher = queue.batcher(100, 8, 2);
    queue.finished(batcher, 10, 500, Duration.ofSeconds(1).toNanos());
    batcher.submit(queue.row("a", 5));
    batcher.submit(queue.row("a", 5));
    assertThatThrownBy(() -> batcher.submit(queue.row("a", 5)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
              assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(20));
            })
        .hasMessage("queue: 2 rows (expected: at most 1)");
  }

  @Test
  void submit_fullOfCancelledRows_makesRoom() throws Exception {
    Batcher batcher = queue.batcher(100, 8, 2);
    Row gone = queue.row("a", 5);
    batcher.submit(gone);
    batcher.submit(queue.row("b", 5));
    gone.cancel();
    Row late = queue.row("a", 5);
    batcher.submit(late);
    assertThat(gone.result()).isCompletedExceptionally();
    assertThat(queue.take(batcher)).hasSize(2).contains(late);
  }

  @Test
  void submit_fullOfOneTask_othersTakeTheirShareOfItAndNoMore() {
    Batcher batcher = queue.batcher(100, 8, 12);
    List<Row> flood = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      flood.add(queue.row("flood", 5));
      batcher.submit(flood.get(i));
    }
    refused(batcher, "flood", "queue: 12 rows (expected: at most 11)");
    for (int i = 0; i < 6; i++) {
      batcher.submit(queue.row("other", 5));
      assertThat(flood.get(11 - i).result()).isCompletedExceptionally();
      assertThat(flood.get(10 - i).result()).isNotDone();
    }
    assertThatThrownBy(() -> flood.get(11).result().join())
        .hasMessageContaining("queue of task \"flood\": more than its share of 12 rows");
    refused(batcher, "flood", "queue of task \"flood\": 6 of 12 rows (expected: fewer while");
    refused(batcher, "other", "queue of task \"other\": 6 of 12 rows (expected: fewer while");
    batcher.submit(queue.row("third", 5));
    assertThat(batcher.queuedRows()).isEqualTo(12);
  }

  @Test
  void submit_floodThatWouldWaitTooLong_othersAreTakenInAndServedInTheNextBatch() throws Exception {
    Batcher batcher = queue.batcher(10_000, 8, 1_000);
    queue.finished(batcher, 1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      batcher.submit(queue.row("flood", 5));
    }
    refused(batcher, "flood", "260 ms of work before it (expected: at most 250 ms)");
    batcher.requireShortWait(List.of(holder("polite")));
    Row polite = queue.row("polite", 5);
    batcher.submit(polite);
    assertThat(queue.take(batcher)).hasSize(8).contains(polite);
  }

  @Test
  void submit_moreWorkThanMayWait_isRefusedUntilItIsWorkedOff() throws Exception {
    Batcher batcher = queue.batcher(10_000, 8, 1_000);
    queue.finished(batcher, 1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      batcher.submit(queue.row("a", 5));
    }
    assertThatThrownBy(() -> batcher.submit(queue.row("a", 5)))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e ->
                assertThat(e)
                    .hasMessageContaining("queue of task \"a\": 260 ms of work before it"));
    assertThatThrownBy(() -> batcher.requireShortWait(List.of(holder("a"))))
        .isInstanceOf(OverloadedException.class);
    queue.take(batcher);
    batcher.requireShortWait(List.of(holder("a")));
    batcher.submit(queue.row("a", 5));
    assertThat(batcher.queuedRows()).isEqualTo(19);
  }

  @Test
  void submit_lateByDeadRowsOnly_isAccepted() {
    Batcher batcher = queue.batcher(10_000, 8, 1_000);
    queue.finished(batcher, 1, 500, Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 26; i++) {
      Row row = queue.row("a", 5);
      batcher.submit(row);
      row.cancel();
    }
    batcher.requireShortWait(List.of(holder("a")));
    batcher.submit(queue.row("a", 5));
    assertThat(batcher.queuedRows()).isEqualTo(1);
  }

  private void refused(Batcher batcher, String task, String message) {
    Row row = queue.row(task, 5);
    assertThatThrownBy(() -> batcher.submit(row))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining(message);
  }

  private static Holder holder(String task) {
    return new Holder(task, "");
  }
}
