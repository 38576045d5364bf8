package io.sluice.loadtest;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How connections of a benchmark end. */
final class Channels {
  private Channels() {}

  /** Ends calls that are under way after a second. */
  static void close(List<ManagedChannel> channels) {
    channels.forEach(ManagedChannel::shutdown);
    try {
      for (ManagedChannel channel : channels) {
        if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
          channel.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      channels.forEach(ManagedChannel::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }
}
