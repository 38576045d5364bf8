package io.sluice.server.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** The course of a call of one message and one reply. Stateless; never blocks. */
final class Unary {
  private Unary() {}

  /**
   * Answers a call.
   *
   * @param ask begins what is to be replied, or throws a refusal
   */
  static <R> void answer(StreamObserver<R> observer, Supplier<Pending<R>> ask) {
    Pending<R> pending;
    try {
      pending = ask.get();
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
      return;
    }
    // Set whether or not it is of use: without it a reply to a call that is gone throws.
    ((ServerCallStreamObserver<R>) observer).setOnCancelHandler(pending::cancel);
    var unused =
        pending
            .reply()
            .whenComplete(
                (reply, failure) -> {
                  if (failure != null) {
                    observer.onError(Statuses.of(failure));
                  } else {
                    observer.onNext(reply);
                    observer.onCompleted();
                  }
                });
  }
}
