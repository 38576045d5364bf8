package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TokenizerThreadsTest {
  private static final Holder FLOOD = new Holder("flood", "");
  private static final Holder POLITE = new Holder("polite", "");

  private final TokenizerThreads threads = new TokenizerThreads(1, 4);
  private final CountDownLatch busy = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final List<String> done = new CopyOnWriteArrayList<>();

  @BeforeEach
  void occupyTheOneThread() throws InterruptedException {
    assertThat(threads.execute(FLOOD, new TokenizerThreads.Work(this::occupy, () -> {}))).isTrue();
    busy.await();
  }

  @AfterEach
  void stop() {
    go.countDown();
    threads.stop();
  }

  @Test
  void execute_severalHolders_takeTurns() {
    assertThat(execute(FLOOD, "a", "b", "c")).isTrue();
    assertThat(execute(POLITE, "x")).isTrue();
    assertThat(done("a", "x", "b", "c")).isTrue();
  }

  @Test
  void execute_full_newcomerTakesThePlaceOfWhoHasMost() {
    assertThat(execute(FLOOD, "a", "b", "c", "d")).isTrue();
    assertThat(execute(FLOOD, "e")).isFalse();
    assertThat(execute(POLITE, "x")).isTrue();
    assertThat(execute(POLITE, "y")).isTrue();
    assertThat(execute(POLITE, "z")).isFalse();
    assertThat(done("not d", "not c", "a", "x", "b", "y")).isTrue();
  }

  @Test
  void stop_workWaiting_isDoneAndNoMoreIsTaken() {
    assertThat(execute(FLOOD, "a")).isTrue();
    threads.stop();
    assertThat(execute(FLOOD, "b")).isFalse();
    assertThat(done("a")).isTrue();
  }

  private boolean execute(Holder holder, String... names) {
    boolean all = true;
    for (String name : names) {
      all &=
          threads.execute(
              holder,
              new TokenizerThreads.Work(() -> done.add(name), () -> done.add("not " + name)));
    }
    return all;
  }

  /** Lets the thread go on until it has done as many, and says whether they are these. */
  private boolean done(String... expected) {
    go.countDown();
    await().atMost(Duration.ofSeconds(10)).until(() -> done.size() >= expected.length);
    return done.equals(List.of(expected));
  }

  private void occupy() {
    busy.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
