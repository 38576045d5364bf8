package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * How much one client may take. A client is the bearer of a token, or an address where none was
 * shown.
 *
 * @param requestsPerSecond that one client may begin, lastingly; 0 for any
 * @param burst that it may begin at once after a rest
 * @param concurrentRequests of one client
 * @param connectionsPerAddress that are served; another is told to go and closed
 * @param connections of all clients; another is closed
 * @param firstRequest time to send the head of a request, from connecting or its first byte
 * @param idle time a connection without a request stays open
 * @param streamsPerConnection requests at once on one HTTP/2 connection
 * @param headerBytes of one request's headers
 */
@RecordBuilder
public record ClientLimits(
    int requestsPerSecond,
    int burst,
    int concurrentRequests,
    int connectionsPerAddress,
    int connections,
    Duration firstRequest,
    Duration idle,
    int streamsPerConnection,
    int headerBytes)
    implements ClientLimitsBuilder.With {
  public ClientLimits {
    requireAtLeast("requestsPerSecond", requestsPerSecond, 0);
    requireAtLeast("burst", burst, 1);
    requireAtLeast("concurrentRequests", concurrentRequests, 1);
    requireAtLeast("connectionsPerAddress", connectionsPerAddress, 1);
    requireAtLeast("connections", connections, 1);
    requirePositive("firstRequest", firstRequest);
    requirePositive("idle", idle);
    requireAtLeast("streamsPerConnection", streamsPerConnection, 1);
    requireAtLeast("headerBytes", headerBytes, 1024);
  }

  /**
   * 20,000 requests a second, as many at once; 4,096 at a time; 1,024 connections of 16,384; 10 s
   * to ask, a minute of rest; 4,096 streams, 16 KiB of headers.
   */
  public static ClientLimits defaults() {
    return new ClientLimits(
        20_000,
        20_000,
        4096,
        1024,
        16_384,
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        4096,
        16 << 10);
  }

  /** The same with another rate; what may come at once is one second's worth. */
  public ClientLimits withRate(int newRequestsPerSecond) {
    return withRequestsPerSecond(newRequestsPerSecond).withBurst(Math.max(1, newRequestsPerSecond));
  }

  /** The same with other numbers of connections. */
  public ClientLimits withConnections(int newPerAddress, int newConnections) {
    return withConnectionsPerAddress(newPerAddress).withConnections(newConnections);
  }

  /** The same with other times. */
  public ClientLimits withTimes(Duration newFirstRequest, Duration newIdle) {
    return withFirstRequest(newFirstRequest).withIdle(newIdle);
  }

  private static void requireAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " or more)");
    }
  }

  private static void requirePositive(String name, Duration value) {
    requireNonNull(value, name);
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: above 0)");
    }
  }
}
