package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/** The one thread that computes: takes batches and runs them until the batcher is closed. */
final class EngineThread {
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

  private void loop() {
    try {
      for (List<Row> rows = batcher.take(); rows != null; rows = batcher.take()) {
        long startNanos = nanoClock.getAsLong();
        engine.run(rows);
        long nanos = nanoClock.getAsLong() - startNanos;
        int tokens = rows.stream().mapToInt(row -> row.tokens().length()).sum();
        batcher.finished(rows.size(), tokens, nanos);
        listener.computed(rows.size(), nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
