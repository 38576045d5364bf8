package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import java.time.Duration;
import java.util.List;

/**
 * Calls of a client before it measures: so many that the JVM has compiled its side of a call, which
 * would otherwise be counted against the server. They ask a task that does not exist, so the server
 * refuses them at once, many more in a second than it could answer. Stateless.
 */
public final class Practice {
  private static final String NOBODY = "practice";
  private static final int BLOCK_CALLS = 2_000;
  private static final int CLIENTS = 4;
  private static final Duration MOST = Duration.ofSeconds(3);

  /** A block that is not faster than this part of the fastest before it says that it is enough. */
  private static final double FASTER = 0.95;

  private static final TextPair TEXT =
      TextPair.of("nobody answers this : it is asked for the sake of asking and has some length");

  private Practice() {}

  /** Asks until that gets no faster. Blocking. */
  public static void with(Target target) throws InterruptedException {
    requireNonNull(target, "target");
    long beginNanos = System.nanoTime();
    try (ClosedLoop loop =
        ClosedLoop.start(LoadSettings.closedLoop(target, NOBODY, List.of(TEXT), CLIENTS))) {
      long fastestNanos = Long.MAX_VALUE;
      while (System.nanoTime() - beginNanos < MOST.toNanos()) {
        long blockNanos = System.nanoTime();
        loop.awaitExchanges(BLOCK_CALLS);
        long nanos = System.nanoTime() - blockNanos;
        if (nanos > FASTER * fastestNanos) {
          break;
        }
        fastestNanos = nanos;
      }
      loop.stop();
    }
  }
}
