package io.sluice.cli.command.option;

import io.sluice.cli.process.ProcessLife;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Stops a training at the end of a step when a signal comes, and holds the end of the process until
 * it has: its checkpoint is written whole, its files are closed, the user is told, and no run of
 * the library is under way any more.
 */
public final class StopAtStep {
  /** A step of a large batch takes seconds. */
  private static final long LONGEST_SECONDS = 120;

  private StopAtStep() {}

  /** Trains on this thread, which a signal interrupts. */
  public static <T> T during(ProcessLife process, Supplier<T> training) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread thread = Thread.currentThread();
    Runnable stop = () -> stop(thread, ended);
    process.onStop(stop);
    try {
      return training.get();
    } finally {
      process.forget(stop);
      ended.countDown();
    }
  }

  private static void stop(Thread training, CountDownLatch ended) {
    training.interrupt();
    try {
      if (!ended.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        // The end of the process waits for the library once more, then goes on without it.
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
