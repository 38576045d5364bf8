package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clients of a server, on both ports, by the names of their tokens or by address. Bounded: who
 * has not been seen for long is forgotten, and begins anew. Thread-safe.
 */
final class Clients {
  private static final int MOST = 100_000;
  private static final Duration FORGOTTEN = Duration.ofMinutes(10);

  private final LongSupplier clock;
  private final LoadingCache<String, Client> clients;

  Clients(ClientLimits limits, LongSupplier clock) {
    requireNonNull(limits, "limits");
    this.clock = requireNonNull(clock, "clock");
    this.clients =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterAccess(FORGOTTEN)
            .executor(Runnable::run)
            .build(name -> new Client(name, limits, clock.getAsLong()));
  }

  Client client(String name) {
    return clients.get(name);
  }

  long nowNanos() {
    return clock.getAsLong();
  }
}
