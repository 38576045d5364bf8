package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * The end of a call with one reply that comes from this process, not from a wire: there is no flow
 * to control and nothing to compress. Used by one thread at a time.
 */
public abstract class SoleReply<R> extends ServerCallStreamObserver<R> {
  private @Nullable R reply;

  /** Takes the reply, once the call has ended well. */
  protected abstract void completed(R whole);

  @Override
  public final void onNext(R value) {
    reply = value;
  }

  @Override
  public final void onCompleted() {
    completed(requireNonNull(reply, "reply"));
  }

  @Override
  public final void setOnReadyHandler(Runnable handler) {}

  @Override
  public final void request(int count) {}

  @Override
  public final void setMessageCompression(boolean enable) {}

  @Override
  public final void setCompression(String compression) {}

  @Override
  public final void disableAutoInboundFlowControl() {}
}
