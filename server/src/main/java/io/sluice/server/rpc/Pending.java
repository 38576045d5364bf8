package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.server.engine.Lease;
import io.sluice.server.engine.Ticket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A reply under way. Thread-safe.
 *
 * @param reply completed by the thread that computed it; what depends on it must be quick
 * @param cancelling what to do when nobody waits any more; the reply is still completed
 */
record Pending<R>(CompletableFuture<R> reply, Runnable cancelling) {
  Pending {
    requireNonNull(reply, "reply");
    requireNonNull(cancelling, "cancelling");
  }

  /**
   * The reply that is made of all answers once they are there. Takes over the leases and closes
   * them when every ticket is through with, whatever became of it.
   *
   * @param tickets made with {@code leases}
   * @param make the reply of the answers, in the order of the tickets
   */
  static <A, R> Pending<R> of(
      List<Lease> leases, List<Ticket<A>> tickets, Function<List<A>, R> make) {
    CompletableFuture<R> reply =
        CompletableFuture.allOf(
                tickets.stream().map(Ticket::answer).toArray(CompletableFuture<?>[]::new))
            .thenApply(
                done -> make.apply(tickets.stream().map(ticket -> ticket.answer().join()).toList()))
            .whenComplete((made, failure) -> leases.forEach(Lease::close));
    return new Pending<>(reply, () -> tickets.forEach(Ticket::cancel));
  }

  /** One that is there already. */
  static <R> Pending<R> done(R reply) {
    return new Pending<>(CompletableFuture.completedFuture(reply), () -> {});
  }

  void cancel() {
    cancelling.run();
  }
}
