package io.sluice.server.testing;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The first reply of a call, or its failure. Thread-safe. */
public final class FirstReply<T> implements StreamObserver<T> {
  private final CompletableFuture<T> reply = new CompletableFuture<>();

  /** Completed when it is there. */
  public CompletableFuture<T> reply() {
    return reply;
  }

  @Override
  public void onNext(T value) {
    reply.complete(value);
  }

  @Override
  public void onError(Throwable failure) {
    reply.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {}
}
