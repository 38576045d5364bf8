package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunGateTest {
  @Test
  void enter_afterShut_isRefused() {
    RunGate gate = new RunGate();

    assertThat(gate.enter()).isTrue();
    assertThat(gate.shut()).isFalse();
    assertThat(gate.enter()).isFalse();
    assertThat(gate.leave()).isTrue();
    assertThat(gate.shut()).isTrue();
  }

  @Test
  void awaitEmpty_someoneInside_timesOut() {
    RunGate gate = new RunGate();
    gate.enter();
    gate.shut();

    assertThat(gate.awaitEmpty(Duration.ofMillis(5))).isFalse();
    assertThat(gate.awaitEmpty(Duration.ZERO)).isFalse();
    gate.leave();
    assertThat(gate.awaitEmpty(Duration.ZERO)).isTrue();
  }

  @Test
  void awaitEmpty_interrupted_goesOnAndKeepsTheInterrupt() {
    RunGate gate = new RunGate();
    gate.enter();
    gate.shut();
    Thread.currentThread().interrupt();

    assertThat(gate.awaitEmpty(Duration.ofMillis(5))).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void shut_underLoad_exactlyOneLeaverIsTheLast() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 100; round++) {
        RunGate gate = new RunGate();
        AtomicInteger last = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(3);
        Future<?>[] workers = new Future<?>[3];
        for (int t = 0; t < workers.length; t++) {
          workers[t] =
              threads.submit(
                  () -> {
                    started.countDown();
                    while (gate.enter()) {
                      inside.incrementAndGet();
                      inside.decrementAndGet();
                      if (gate.leave()) {
                        last.incrementAndGet();
                      }
                    }
                  });
        }
        started.await();
        boolean empty = gate.shut();
        assertThat(empty || gate.awaitEmpty(Duration.ofSeconds(20))).isTrue();
        assertThat(inside).hasValue(0);
        for (Future<?> worker : workers) {
          worker.get();
        }
        assertThat(last.get()).isEqualTo(empty ? 0 : 1);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
