package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that computes: takes batches and runs them until the batcher is closed. */
final class EngineThread {
  private static final Logger log = LoggerFactory.getLogger(EngineThread.class);

  private final Taker taker;
  private final BlockEngine engine;
  private final EngineListener listener;
  private final LongSupplier nanoClock;
  private final Thread thread;

  EngineThread(
      Taker taker,
      BlockEngine engine,
      EngineListener listener,
      LongSupplier nanoClock,
      int number) {
    this.taker = requireNonNull(taker, "taker");
    this.engine = requireNonNull(engine, "engine");
    this.listener = requireNonNull(listener, "listener");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.thread = new Thread(this::loop, "sluice-engine-" + number);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Waits for the end of the thread, which comes once the batcher is closed and empty. */
  void join(Duration timeout) throws InterruptedException {
    thread.join(timeout.toMillis());
    if (thread.isAlive()) {
      throw new IllegalStateException(
          "engine thread: running (expected: ended in " + timeout + ")");
    }
  }

  private void compute(Batch batch) {
    long startNanos = nanoClock.getAsLong();
    long nanos;
    try {
      engine.run(batch, taker);
    } finally {
      nanos = nanoClock.getAsLong() - startNanos;
      taker.finished(batch.rows().size(), batch.tokens(), nanos);
    }
    if (!batch.isShare()) {
      listener.computed(batch.rows().size(), nanos);
    }
  }

  private void loop() {
    try {
      for (Batch batch = taker.take(); batch != null; batch = taker.take()) {
        try {
          compute(batch);
        } catch (RuntimeException | Error e) {
          // Without this thread its part of the batches would never be answered again.
          log.error("engine thread: a batch of {} rows failed", batch.rows().size(), e);
          SluiceException failure =
              new SluiceException(ErrorCode.INTERNAL, "engine: batch failed: " + e, e);
          batch.rows().stream()
              .filter(row -> !taker.isElsewhere(row))
              .forEach(row -> row.fail(failure));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
