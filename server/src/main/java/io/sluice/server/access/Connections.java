package io.sluice.server.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;

/** How many connections each address has open at a port. Thread-safe. */
final class Connections {
  private final ConcurrentHashMap<InetAddress, Integer> open = new ConcurrentHashMap<>();

  /** Counts one more and returns how many there are with it. */
  int opened(InetAddress address) {
    return open.merge(address, 1, Integer::sum);
  }

  void closed(InetAddress address) {
    open.computeIfPresent(address, (same, count) -> count > 1 ? count - 1 : null);
  }

  static InetAddress address(SocketAddress remote) {
    return remote instanceof InetSocketAddress known && known.getAddress() != null
        ? known.getAddress()
        : InetAddress.getLoopbackAddress();
  }
}
