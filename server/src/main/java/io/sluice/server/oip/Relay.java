package io.sluice.server.oip;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.server.rpc.SoleReply;
import java.util.function.Consumer;

/**
 * The end of a call that is made to answer another one: a failure is the caller's, and a
 * cancellation of the caller's may be this call's. As thread-safe as the caller's observer.
 */
final class Relay<R> extends SoleReply<R> {
  private final ServerCallStreamObserver<?> caller;
  private final Consumer<R> then;
  private final boolean cancels;

  private Relay(StreamObserver<?> caller, Consumer<R> then, boolean cancels) {
    this.caller = (ServerCallStreamObserver<?>) requireNonNull(caller, "caller");
    this.then = requireNonNull(then, "then");
    this.cancels = cancels;
  }

  /**
   * A call made within the caller's own.
   *
   * @param caller of the call that is answered
   * @param then what to do with the reply
   */
  static <R> Relay<R> cancelledWith(StreamObserver<?> caller, Consumer<R> then) {
    return new Relay<>(caller, then, true);
  }

  /** A call that goes on when the caller has gone, or that is made later than the caller's. */
  static <R> Relay<R> toTheEnd(StreamObserver<?> caller, Consumer<R> then) {
    return new Relay<>(caller, then, false);
  }

  @Override
  public void onError(Throwable failure) {
    caller.onError(failure);
  }

  @Override
  protected void completed(R reply) {
    then.accept(reply);
  }

  @Override
  public boolean isCancelled() {
    return caller.isCancelled();
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    if (cancels) {
      caller.setOnCancelHandler(handler);
    }
  }

  @Override
  public boolean isReady() {
    return caller.isReady();
  }
}
