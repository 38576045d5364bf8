package io.sluice.server.telemetry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that requests are turned away: at once when it begins, then at most every ten
 * seconds, with their number. Thread-safe.
 */
final class RefusalLog {
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

  private final LongSupplier nanoClock;
  private final LongAdder refused = new LongAdder();
  private final AtomicLong nextNanos;

  RefusalLog(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.nextNanos = new AtomicLong(nanoClock.getAsLong());
  }

  void refused(String reason) {
    refused.increment();
    long now = nanoClock.getAsLong();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + QUIET_NANOS)) {
      log.atWarn()
          .addKeyValue("refused", refused.sumThenReset())
          .addKeyValue("reason", reason)
          .log("requests are refused");
    }
  }
}
