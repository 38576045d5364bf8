package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Exchange;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A bundle that answered, and when.
 *
 * @param digest {@code sha256:} and 64 hex digits
 * @param replies how often
 * @param firstNanos receipt of its first reply
 * @param lastNanos receipt of its last
 */
public record DigestSeen(String digest, long replies, long firstNanos, long lastNanos) {
  public DigestSeen {
    requireNonNull(digest, "digest");
  }

  /** All that answered, in the order of their first replies. */
  public static List<DigestSeen> of(List<Exchange> exchanges) {
    Map<String, DigestSeen> seen = new HashMap<>();
    for (Exchange exchange : exchanges) {
      Exchange.Reply reply = exchange.reply();
      if (reply != null) {
        long at = exchange.receivedNanos();
        seen.merge(reply.digest(), new DigestSeen(reply.digest(), 1, at, at), DigestSeen::and);
      }
    }
    return seen.values().stream().sorted(Comparator.comparingLong(DigestSeen::firstNanos)).toList();
  }

  private DigestSeen and(DigestSeen other) {
    return new DigestSeen(
        digest,
        replies + other.replies,
        Math.min(firstNanos, other.firstNanos),
        Math.max(lastNanos, other.lastNanos));
  }
}
