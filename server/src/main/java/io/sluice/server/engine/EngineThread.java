package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that computes: takes batches and runs them until the batcher is closed. */
final class EngineThread {
  private static final Logger log = LoggerFactory.getLogger(EngineThread.class);

  private final Batcher batcher;
  private final BlockEngine engine;
  private final EngineListener listener;
  private final LongSupplier nanoClock;
  private final Thread thread;

  EngineThread(
      Batcher batcher, BlockEngine engine, EngineListener listener, LongSupplier nanoClock) {
    this.batcher = requireNonNull(batcher, "batcher");
    this.engine = requireNonNull(engine, "engine");
    this.listener = requireNonNull(listener, "listener");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.thread = new Thread(this::loop, "sluice-engine");
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

  private void compute(List<Row> rows) {
    long startNanos = nanoClock.getAsLong();
    engine.run(rows);
    long nanos = nanoClock.getAsLong() - startNanos;
    int tokens = rows.stream().mapToInt(row -> row.tokens().length()).sum();
    batcher.finished(rows.size(), tokens, nanos);
    listener.computed(rows.size(), nanos);
  }

  private void loop() {
    try {
      for (List<Row> rows = batcher.take(); rows != null; rows = batcher.take()) {
        try {
          compute(rows);
        } catch (RuntimeException | Error e) {
          // Without this thread nobody would ever be answered again.
          log.error("engine thread: a batch of {} rows failed", rows.size(), e);
          SluiceException failure =
              new SluiceException(ErrorCode.INTERNAL, "engine: batch failed: " + e, e);
          rows.forEach(row -> row.fail(failure));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
