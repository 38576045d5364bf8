package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

/**
 * A port of a server.
 *
 * @param host name or address
 * @param port 1 to 65535
 */
public record Target(String host, int port) {
  private static final int LAST_PORT = 65_535;

  public Target {
    requireNonNull(host, "host");
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to " + LAST_PORT + ")");
    }
  }

  /** A port of this machine. */
  public static Target local(int port) {
    return new Target("127.0.0.1", port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
