package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Ask;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Requests at random times, sent whether or not earlier ones are answered. Latency counts from when
 * a request should have been sent, so neither a slow server nor a slow client hides a wait.
 * Stateless.
 */
public final class OpenLoop {
  private OpenLoop() {}

  /**
   * Sends for the settings' duration, then waits for the last answer.
   *
   * @return all exchanges, in the order of their ends
   */
  public static List<Exchange> run(OpenLoopSettings settings, AsyncCalls calls)
      throws InterruptedException {
    requireNonNull(calls, "calls");
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed());
    Queue<Exchange> done = new ConcurrentLinkedQueue<>();
    Semaphore ended = new Semaphore(0);
    double lastNanos = settings.duration().toNanos();
    double gapNanos = 1e9 / settings.ratePerSecond();
    long begin = System.nanoTime();
    int sent = 0;
    for (double at = random.nextExponential() * gapNanos;
        at < lastNanos;
        at += random.nextExponential() * gapNanos) {
      long intended = begin + (long) at;
      Ask ask =
          new Ask(
              settings.tasks().pick(random),
              settings.texts().get(random.nextInt(settings.texts().size())));
      awaitTime(intended);
      sent++;
      calls.classify(
          ask,
          intended,
          settings.deadline(),
          exchange -> {
            done.add(exchange);
            ended.release();
          });
    }
    ended.acquire(sent);
    return new ArrayList<>(done);
  }

  private static void awaitTime(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("stopped while sending");
      }
    }
  }
}
