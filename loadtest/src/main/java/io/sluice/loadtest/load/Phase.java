package io.sluice.loadtest.load;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.ClosedLoop;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.LoadSettings;
import io.sluice.loadtest.Target;
import io.sluice.loadtest.TaskMix;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One stretch of load at one server, its beginning dropped. Immutable.
 *
 * @param texts what is asked
 * @param warmUp load that is not counted
 * @param time load that is
 * @param objective latency above which an answer is no good
 * @param check is shown every exchange, warm-up included
 */
public record Phase(
    Target target,
    List<TextPair> texts,
    Duration warmUp,
    Duration time,
    Duration objective,
    Consumer<Exchange> check) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  public Phase {
    requireNonNull(target, "target");
    texts = List.copyOf(texts);
    requireNonNull(warmUp, "warmUp");
    requireNonNull(time, "time");
    requireNonNull(objective, "objective");
    requireNonNull(check, "check");
  }

  /** The same for another time. */
  public Phase lasting(Duration newWarmUp, Duration newTime) {
    return new Phase(target, texts, newWarmUp, newTime, objective, check);
  }

  /** Clients that ask again as soon as they are answered. */
  public Window closed(TaskMix tasks, int clients) throws InterruptedException {
    try (ClosedLoop loop =
        ClosedLoop.start(LoadSettings.closedLoop(target, tasks, texts, clients))) {
      loop.run(warmUp);
      long begin = System.nanoTime();
      loop.run(time);
      long end = System.nanoTime();
      List<Exchange> exchanges = loop.stop();
      exchanges.forEach(check);
      return Window.of(exchanges, begin, end, objective);
    }
  }

  /** Requests at random times. */
  public Window open(AsyncCalls calls, TaskMix tasks, double ratePerSecond, long seed)
      throws InterruptedException {
    Duration whole = warmUp.plus(time);
    long begin = System.nanoTime();
    List<Exchange> exchanges =
        OpenLoop.run(
            new OpenLoopSettings(tasks, texts, ratePerSecond, whole, DEADLINE, seed), calls);
    exchanges.forEach(check);
    return Window.of(exchanges, begin + warmUp.toNanos(), begin + whole.toNanos(), objective);
  }
}
