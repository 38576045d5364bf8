package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server's own rows behind those of clients. */
@Timeout(20)
class BatcherBackgroundTest {
  @RegisterExtension final TestingQueue queue = new TestingQueue();

  private final Batcher batcher =
      queue.batcher(
          new BatchingSettings(
              1000, 8, 100, Duration.ofMillis(5), Duration.ofHours(1), Duration.ofSeconds(1)));

  @Test
  void take_clientsWait_theyGoFirst() throws Exception {
    Row own = own(5);
    Row client = client();
    batcher.submitBackground(List.of(List.of(own)));
    batcher.submit(client);
    assertThat(queue.take(batcher)).containsExactly(client);
    assertThat(queue.take(batcher)).containsExactly(own);
  }

  @Test
  void take_clientsCameAMomentAgo_noMoreGoTogetherThanAreSoonDone() throws Exception {
    batcher.submit(client());
    queue.take(batcher);
    List<Row> pair = List.of(own(5), own(20));
    List<Row> single = List.of(own(15));
    List<Row> long1 = List.of(own(90));
    List<Row> long2 = List.of(own(5));
    batcher.submitBackground(List.of(pair, single, long1, long2));
    advance(10);
    assertThat(queue.take(batcher)).containsExactly(pair.get(0), pair.get(1), single.get(0));
    assertThat(queue.take(batcher)).containsExactlyElementsOf(long1);
    assertThat(queue.take(batcher)).containsExactlyElementsOf(long2);
  }

  @Test
  void take_quietForALittle_fewGoTogether() throws Exception {
    batcher.submit(client());
    queue.take(batcher);
    advance(60);
    batcher.submitBackground(List.of(List.of(own(100)), List.of(own(90)), List.of(own(100))));
    assertThat(queue.take(batcher)).hasSize(2);
    assertThat(queue.take(batcher)).hasSize(1);
  }

  @Test
  void take_nobodyThere_asManyGoTogetherAsABatchHolds() throws Exception {
    for (int i = 0; i < 6; i++) {
      batcher.submitBackground(List.of(List.of(own(100)), List.of(own(90))));
    }
    assertThat(queue.take(batcher)).hasSize(8);
    assertThat(queue.take(batcher)).hasSize(4);
  }

  @Test
  void take_clientsNeverPause_aGroupGoesNowAndThen() throws Exception {
    batcher.submitBackground(List.of(List.of(own(50)), List.of(own(50))));
    int own = 0;
    for (int i = 0; i < 25; i++) {
      batcher.submit(client(), client());
      advance(10);
      List<Row> batch = Objects.requireNonNull(queue.take(batcher));
      if (batch.get(0).isBackground()) {
        own++;
        assertThat(batch).hasSize(1);
      }
      queue.finished(batcher, batch.size(), batch.size(), 0);
    }
    assertThat(own).isEqualTo(2);
  }

  @Test
  void take_behindBackgroundRows_waitsForNobody() throws Exception {
    batcher.submitBackground(List.of(List.of(own(5))));
    queue.take(batcher);
    queue.finished(batcher, 4, 40, Duration.ofHours(100).toNanos());
    Row client = client();
    batcher.submit(client);
    assertThat(queue.take(batcher)).containsExactly(client);
  }

  @Test
  void close_withBackgroundRows_servesThemThenEnds() throws Exception {
    queue.finished(batcher, 4, 40, Duration.ofHours(100).toNanos());
    Row own = own(5);
    batcher.submitBackground(List.of(List.of(own)));
    batcher.close();
    assertThatThrownBy(() -> batcher.submitBackground(List.of(List.of(own(5)))))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("closed");
    assertThat(queue.take(batcher)).containsExactly(own);
    assertThat(queue.take(batcher)).isNull();
  }

  private void advance(long millis) {
    queue.advance(Duration.ofMillis(millis));
  }

  private Row own(int length) {
    return Row.background(queue.task("task"), TestingQueue.tokens(length), queue.nowNanos());
  }

  private Row client() {
    return queue.row("task", 5);
  }
}
