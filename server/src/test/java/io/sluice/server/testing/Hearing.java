package io.sluice.server.testing;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The client's side of one call: its first reply or its failure. */
final class Hearing<Q, R> implements ClientResponseObserver<Q, R> {
  private final Function<R, Outcome> meaning;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private @Nullable ClientCallStreamObserver<Q> call;

  /**
   * @param meaning what a reply says
   */
  Hearing(Function<R, Outcome> meaning) {
    this.meaning = meaning;
  }

  Outcome outcome() {
    return outcome.orTimeout(30, TimeUnit.SECONDS).join();
  }

  void cancel() {
    requireNonNull(call, "call").cancel("not wanted any more", null);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> requests) {
    call = requests;
  }

  @Override
  public void onNext(R reply) {
    outcome.complete(meaning.apply(reply));
  }

  @Override
  public void onError(Throwable failure) {
    outcome.complete(Outcome.of(failure));
  }

  @Override
  public void onCompleted() {}
}
