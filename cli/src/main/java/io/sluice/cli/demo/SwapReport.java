package io.sluice.cli.demo;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a stream of requests saw of a swap.
 *
 * @param requests all of them
 * @param startNanos when the swap was asked for
 * @param endNanos when it was reported done
 * @param before digest of the bundle that answered until then
 * @param after digest of the bundle that answers from then on
 */
record SwapReport(
    List<RequestStream.Request> requests,
    long startNanos,
    long endNanos,
    String before,
    String after) {
  SwapReport {
    requests = List.copyOf(requests);
  }

  /** Requests that got no answer. */
  List<RequestStream.Request> failed() {
    return requests.stream().filter(RequestStream.Request::failed).toList();
  }

  /** Replies by a bundle that was not active at any time between their sending and receipt. */
  long untrue() {
    return requests.stream().filter(request -> !request.failed() && !isTrue(request)).count();
  }

  /** Replies by the given bundle. */
  long answeredBy(String digest) {
    return requests.stream().filter(request -> request.digest().equals(digest)).count();
  }

  /** Latencies of the requests answered before the swap was asked for. */
  Latencies beforeSwap() {
    return latencies(request -> request.receivedNanos() < startNanos);
  }

  /** Latencies of the requests under way at some time during the swap. */
  Latencies throughSwap() {
    return latencies(
        request -> request.sentNanos() <= endNanos && request.receivedNanos() >= startNanos);
  }

  /** Latencies of the requests sent when the swap was done. */
  Latencies afterSwap() {
    return latencies(request -> request.sentNanos() > endNanos);
  }

  private boolean isTrue(RequestStream.Request request) {
    return (request.digest().equals(before) && request.sentNanos() <= endNanos)
        || (request.digest().equals(after) && request.receivedNanos() >= startNanos);
  }

  private Latencies latencies(Predicate<RequestStream.Request> chosen) {
    return new Latencies(
        requests.stream()
            .filter(request -> !request.failed() && chosen.test(request))
            .mapToLong(RequestStream.Request::latencyNanos)
            .sorted()
            .toArray());
  }
}
