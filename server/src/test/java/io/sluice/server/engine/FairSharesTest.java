package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real engine, one task that floods it, and one that is asked now and then. */
@Timeout(60)
class FairSharesTest {
  private static final int BATCH_ROWS = 8;
  private static final int QUEUED_ROWS = 128;
  private static final int POLITE_REQUESTS = 150;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  private final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private Engine engine;

  @BeforeEach
  void start() {
    BatchingSettings batching =
        new BatchingSettings(
            1024,
            BATCH_ROWS,
            QUEUED_ROWS,
            Duration.ofMillis(5),
            Duration.ofMillis(4),
            Duration.ofSeconds(1));
    engine = Engine.start(backbone, EngineSettings.defaults().withBatching(batching), runtime);
    for (String task : List.of("flood", "polite")) {
      try (Built built = engine.build(task, bundles.bundle(task.length(), 2))) {
        engine.tasks().swap(built.take());
      }
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void ask_whileAnotherTaskFloods_isNeverRefusedAndPassesTheFloodBy() throws Exception {
    requireFair("flood", "", "polite", "");
  }

  @Test
  void ask_whileAnotherTenantOfTheTaskFloods_isNeverRefusedAndPassesTheFloodBy() throws Exception {
    requireFair("flood", "loud", "flood", "quiet");
  }

  private void requireFair(String floodedTask, String loud, String politeTask, String quiet)
      throws Exception {
    try (Lease flooded = engine.tasks().lease(floodedTask);
        Lease polite = engine.tasks().lease(politeTask)) {
      Flooding flooding = new Flooding(flooded, loud);
      Thread thread = new Thread(flooding, "flood");
      thread.start();
      List<Integer> passedBy = new ArrayList<>();
      Random random = new Random(1);
      try {
        flooding.awaitFull();
        for (int i = 0; i < POLITE_REQUESTS; i++) {
          int before = flooding.answered.get();
          String text = TestingBackbone.text(random, 5);
          // Fails the test if it is refused.
          engine.ask(List.of(polite), quiet, text, null, null, null).get(0).answer().join();
          passedBy.add(flooding.answered.get() - before);
        }
      } finally {
        flooding.over = true;
        thread.join();
        flooding.awaitAll();
      }
      // A queue in order would let all that waits pass first.
      Collections.sort(passedBy);
      assertThat(passedBy.get(POLITE_REQUESTS / 2))
          .as("rows of the flood answered meanwhile: %s", passedBy)
          .isLessThanOrEqualTo(3 * BATCH_ROWS * runtime.settings().threads());
      assertThat(flooding.refused.get()).isPositive();
    }
  }

  /** Asks as often as it is let. */
  private final class Flooding implements Runnable {
    private final Lease lease;
    private final String tenant;
    private final Random random = new Random(2);
    private final Semaphore ended = new Semaphore(0);
    private final Semaphore room = new Semaphore(0);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Semaphore full = new Semaphore(0);
    private volatile boolean over;

    Flooding(Lease lease, String tenant) {
      this.lease = lease;
      this.tenant = tenant;
    }

    @Override
    public void run() {
      while (!over) {
        try {
          String text = TestingBackbone.text(random, 5);
          var answer = engine.ask(List.of(lease), tenant, text, null, null, null).get(0).answer();
          asked.incrementAndGet();
          var unused =
              answer.whenComplete(
                  (made, failure) -> {
                    (failure == null ? answered : refused).incrementAndGet();
                    if (failure != null) {
                      full.release();
                    }
                    ended.release();
                    room.release();
                  });
        } catch (OverloadedException e) {
          refused.incrementAndGet();
          full.release();
          // Again when something has ended, which makes room.
          room.acquireUninterruptibly();
        }
      }
    }

    void awaitFull() throws InterruptedException {
      full.acquire();
    }

    void awaitAll() throws InterruptedException {
      ended.acquire(asked.get());
    }
  }
}
