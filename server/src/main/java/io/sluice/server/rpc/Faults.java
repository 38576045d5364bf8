package io.sluice.server.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import com.linecorp.armeria.server.RequestTimeoutException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Whose fault it is that a call ended without its method having said so: what a method throws is
 * the server's, logged and told as {@link Statuses} does; what the host could not read is the
 * client's. Thread-safe.
 */
public final class Faults implements ServerInterceptor {
  private static final Status NOT_A_MESSAGE =
      Status.INVALID_ARGUMENT.withDescription(
          "message: not one of this method (expected: protobuf, as its .proto file says)");
  private static final Status NOT_A_FRAME =
      Status.INVALID_ARGUMENT.withDescription(
          "body: cut short (expected: messages in the frames of gRPC)");

  /**
   * What the host ends a call with, under its true name: an expiry, which it would call a
   * cancellation; a message that is none, which it would call INTERNAL; and what it does not know,
   * which is a broken frame, since methods have been heard before. A deadline that it could not
   * read is told as such.
   */
  public static Status name(
      RequestContext request, Status status, Throwable failure, Metadata trailers) {
    if (failure instanceof RequestTimeoutException) {
      return Status.DEADLINE_EXCEEDED.withDescription("deadline passed before the answer");
    }
    if (failure instanceof IllegalArgumentException && ClientTimeout.isUnread(request)) {
      return ClientTimeout.UNREAD;
    }
    Status known = GrpcExceptionHandlerFunction.of().apply(request, status, failure, trailers);
    if (known == null || known.getCode() == Status.Code.UNKNOWN) {
      return NOT_A_FRAME;
    }
    return known.getCode() == Status.Code.INTERNAL && isOfProtobuf(failure) ? NOT_A_MESSAGE : known;
  }

  private static boolean isOfProtobuf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidProtocolBufferException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServerCall.Listener<Q> method;
    try {
      method = next.startCall(call, headers);
    } catch (RuntimeException | Error e) {
      throw Statuses.of(e);
    }
    return new SimpleForwardingServerCallListener<>(method) {
      @Override
      public void onMessage(Q message) {
        heard(() -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        heard(super::onHalfClose);
      }

      @Override
      public void onReady() {
        heard(super::onReady);
      }
    };
  }

  private static void heard(Runnable method) {
    try {
      method.run();
    } catch (RuntimeException | Error e) {
      throw Statuses.of(e);
    }
  }
}
