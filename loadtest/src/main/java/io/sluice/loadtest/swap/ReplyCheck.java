package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Exchange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Whether replies agree with the activations: every reply's digest was active at some moment
 * between its send and its receipt, generations never go back, and a generation has one digest.
 *
 * <p>A bundle may have been active from when its activation was requested to when the next one was
 * confirmed; who looks from outside cannot tell more. Immutable, thread-safe. In time of n log n.
 */
public final class ReplyCheck {
  /** By digest: when it may have begun to be active, and when it may have ended. */
  private final Map<String, NavigableMap<Long, Long>> spans = new HashMap<>();

  /**
   * @param activations what was active first, then all activations in order
   */
  public ReplyCheck(List<Activated> activations) {
    for (int i = 0; i < activations.size(); i++) {
      long begin = i == 0 ? Long.MIN_VALUE : activations.get(i).requestedNanos();
      long end =
          i + 1 < activations.size() ? activations.get(i + 1).confirmedNanos() : Long.MAX_VALUE;
      spans
          .computeIfAbsent(activations.get(i).digest().toString(), digest -> new TreeMap<>())
          .merge(begin, end, Math::max);
    }
  }

  /** Everything wrong with these exchanges, in any order; refusals are not looked at. */
  public List<Violation> violations(List<Exchange> exchanges) {
    List<Exchange> replies = exchanges.stream().filter(one -> one.reply() != null).toList();
    List<Violation> found = new ArrayList<>();
    Map<Long, String> digests = new HashMap<>();
    for (Exchange exchange : replies) {
      Exchange.Reply reply = requireNonNull(exchange.reply());
      if (!active(reply.digest(), exchange.sentNanos(), exchange.receivedNanos())) {
        found.add(
            new Violation(
                Violation.Kind.DIGEST_NOT_ACTIVE,
                exchange,
                "digest: " + reply.digest() + " (expected: one active while it was asked)"));
      }
      String known = digests.putIfAbsent(reply.generation(), reply.digest());
      if (known != null && !known.equals(reply.digest())) {
        found.add(
            new Violation(
                Violation.Kind.GENERATION_WITH_TWO_DIGESTS,
                exchange,
                "generation: "
                    + reply.generation()
                    + " with "
                    + reply.digest()
                    + " (expected: "
                    + known
                    + ")"));
      }
    }
    addGenerationsThatWentBack(replies, found);
    return found;
  }

  private boolean active(String digest, long sentNanos, long receivedNanos) {
    NavigableMap<Long, Long> ofDigest = spans.get(digest);
    if (ofDigest == null) {
      return false;
    }
    // Spans of a digest ascend in begin and in end: the last to begin in time is the one to ask.
    Map.Entry<Long, Long> last = ofDigest.floorEntry(receivedNanos);
    return last != null && last.getValue() >= sentNanos;
  }

  private static void addGenerationsThatWentBack(List<Exchange> replies, List<Violation> found) {
    List<Exchange> bySend = sorted(replies, Comparator.comparingLong(Exchange::sentNanos));
    List<Exchange> byReceipt = sorted(replies, Comparator.comparingLong(Exchange::receivedNanos));
    long newest = Long.MIN_VALUE;
    int received = 0;
    for (Exchange exchange : bySend) {
      while (byReceipt.get(received).receivedNanos() < exchange.sentNanos()) {
        newest = Math.max(newest, generation(byReceipt.get(received)));
        received++;
      }
      if (generation(exchange) < newest) {
        found.add(
            new Violation(
                Violation.Kind.GENERATION_WENT_BACK,
                exchange,
                "generation: "
                    + generation(exchange)
                    + " (expected: >= "
                    + newest
                    + ", seen before it was sent)"));
      }
    }
  }

  private static List<Exchange> sorted(List<Exchange> replies, Comparator<Exchange> order) {
    return replies.stream().sorted(order).toList();
  }

  private static long generation(Exchange exchange) {
    return requireNonNull(exchange.reply()).generation();
  }
}
