package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients at work: each sends a request, waits for the answer, sends the next, until stopped. Made
 * running; belongs to one thread.
 */
public final class ClosedLoop implements AutoCloseable {
  private static final int MANY = 1 << 20;

  private final LoadSettings settings;
  private final ExecutorService threads;
  private final List<Future<List<Exchange>>> results = new ArrayList<>();
  private final Semaphore exchanges = new Semaphore(0);
  private final AtomicLong completed = new AtomicLong();
  private volatile boolean stopped;
  private volatile boolean failed;

  private ClosedLoop(LoadSettings settings) {
    this.settings = requireNonNull(settings, "settings");
    this.threads = Executors.newFixedThreadPool(settings.clients());
  }

  /** Starts all clients. */
  public static ClosedLoop start(LoadSettings settings) {
    ClosedLoop loop = new ClosedLoop(settings);
    for (int client = 0; client < settings.clients(); client++) {
      int number = client;
      loop.results.add(loop.threads.submit(() -> loop.ask(number)));
    }
    return loop;
  }

  /**
   * Waits for that many more exchanges, answered or refused, of all clients together. Once a client
   * has failed it does not wait: {@link #stop} tells why.
   */
  public void awaitExchanges(int more) throws InterruptedException {
    exchanges.drainPermits();
    // A client that fails after this was read releases what is waited for.
    if (!failed) {
      exchanges.acquire(more);
    }
  }

  /** Exchanges so far, answered or refused. */
  public long completed() {
    return completed.get();
  }

  /** Lets the clients run for a while. */
  public void run(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }

  /** Stops the clients after the exchange each is in, and tells all exchanges by client. */
  public List<Exchange> stop() throws InterruptedException {
    stopped = true;
    List<Exchange> all = new ArrayList<>();
    for (Future<List<Exchange>> result : results) {
      try {
        all.addAll(result.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("client: " + e.getCause(), e);
      }
    }
    return all;
  }

  @Override
  public void close() {
    stopped = true;
    threads.shutdownNow();
  }

  private List<Exchange> ask(int client) {
    try {
      return exchanges(client);
    } catch (RuntimeException | Error e) {
      // Whoever waits for exchanges must not wait for ever; stop() then tells why.
      failed = true;
      exchanges.release(MANY);
      throw e;
    }
  }

  private List<Exchange> exchanges(int client) {
    List<Exchange> done = new ArrayList<>();
    List<TextPair> texts = settings.texts();
    long intervalNanos = settings.interval().toNanos();
    Random random = new Random(client);
    try (InferenceCalls calls = new InferenceCalls(settings.target(), settings.deadline())) {
      long intended = System.nanoTime();
      for (long i = 0; !stopped; i++) {
        TextPair text = texts.get((int) ((client + i * settings.clients()) % texts.size()));
        if (intervalNanos == 0) {
          intended = System.nanoTime();
        } else if (i > 0) {
          intended += intervalNanos;
          waitUntil(intended);
        }
        done.add(calls.classify(client, settings.tasks().pick(random), text, intended));
        completed.incrementAndGet();
        exchanges.release();
      }
    }
    return done;
  }

  private void waitUntil(long nanos) {
    for (long left = nanos - System.nanoTime();
        left > 0 && !stopped;
        left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
