package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
  private static final int LAST_PORT = 65_535;

  /** What can be a host in a URL, or an IPv6 address. */
  private static final Pattern HOST = Pattern.compile("[^\\s:/@?#%\\[\\]]+|[0-9A-Fa-f:.]+(%\\w+)?");

  public Endpoint {
    requireNonNull(host, "host");
    if (!HOST.matcher(host).matches() || port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException(
          "endpoint: " + host + ":" + port + " (expected: a host, a port of 1.." + LAST_PORT + ")");
    }
  }

  /** A port of this machine. */
  public static Endpoint local(int port) {
    return new Endpoint("127.0.0.1", port);
  }

  /** Reads {@code host:port}, {@code [address]:port} or {@code :port} of this machine. */
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw malformed(text);
    }
    String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      return host.isEmpty() ? local(port) : new Endpoint(host, port);
    } catch (IllegalArgumentException e) {
      throw malformed(text);
    }
  }

  /** For an HTTP URL: brackets around IPv6. */
  String authority() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return authority();
  }

  private static SluiceException malformed(String text) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT, "server: " + text + " (expected: HOST:PORT)");
  }
}
