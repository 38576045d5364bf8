package io.sluice.server.http;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * A look whether ports can be had, taken and given back at once: nobody is let in. What has it by
 * the time it is wanted is told by {@link ServicePort#open} all the same.
 */
public final class FreePorts {
  private FreePorts() {}

  /**
   * Requires both at the same time.
   *
   * @throws SluiceException INVALID_ARGUMENT for an address that is none of a machine; UNAVAILABLE
   *     for a port that cannot be had
   */
  public static void require(InetSocketAddress data, InetSocketAddress admin) {
    if (data.getPort() != 0 && data.equals(admin)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "admin-port: " + admin.getPort() + " (expected: another than that for requests)");
    }
    try {
      ServerSocket first = taken(data);
      try {
        taken(admin).close();
      } finally {
        first.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("port: not given back", e);
    }
  }

  private static ServerSocket taken(InetSocketAddress address) throws IOException {
    if (address.isUnresolved()) {
      throw unresolved(address);
    }
    ServerSocket socket = new ServerSocket();
    try {
      // As the server takes it: what closed a moment ago is not in the way.
      socket.setReuseAddress(true);
      socket.bind(address);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw unavailable(address, e);
    }
  }

  static SluiceException unresolved(InetSocketAddress address) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        "host: " + address.getHostString() + " (expected: an address of this machine)");
  }

  static SluiceException unavailable(InetSocketAddress address, Throwable cause) {
    String host = address.getHostString();
    return new SluiceException(
        ErrorCode.UNAVAILABLE,
        "port "
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + address.getPort()
            + ": "
            + cause.getMessage()
            + " (expected: free)",
        cause);
  }
}
