package io.sluice.server.activation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Threads that wait for the disk while their callers compute; daemons that end when idle.
 * Thread-safe.
 */
final class StoreWrites {
  private static final int MOST_THREADS = 16;

  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          MOST_THREADS,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          runnable -> {
            Thread thread = new Thread(runnable, "sluice-store");
            thread.setDaemon(true);
            return thread;
          },
          new ThreadPoolExecutor.CallerRunsPolicy());

  /**
   * Does both at the same time, {@code work} on the calling thread; one after the other when all
   * threads are busy. Returns when both are done.
   *
   * @param work throws nothing
   * @return what {@code write} gave; what it threw is thrown
   */
  <T> T beside(Supplier<T> write, Runnable work) {
    CompletableFuture<T> written = CompletableFuture.supplyAsync(write, threads);
    work.run();
    try {
      return written.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
