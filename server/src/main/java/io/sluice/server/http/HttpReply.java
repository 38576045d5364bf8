package io.sluice.server.http;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.sluice.server.rpc.SoleReply;
import java.util.concurrent.CompletableFuture;

/** The end of a call whose one reply becomes an HTTP response. Used by one thread at a time. */
final class HttpReply<R extends Message> extends SoleReply<R> {
  private final ServiceRequestContext context;
  private final ErrorBodies errors;
  private final CompletableFuture<HttpResponse> response;

  HttpReply(
      ServiceRequestContext context, ErrorBodies errors, CompletableFuture<HttpResponse> response) {
    this.context = requireNonNull(context, "context");
    this.errors = requireNonNull(errors, "errors");
    this.response = requireNonNull(response, "response");
  }

  @Override
  public void onError(Throwable failure) {
    response.complete(errors.of(context, failure));
  }

  @Override
  protected void completed(R reply) {
    try {
      String json = JsonMessages.json(reply);
      response.complete(HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, json));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("reply: cannot be written (expected: no Any in it)", e);
    }
  }

  @Override
  public boolean isCancelled() {
    return context.isCancelled();
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    var unused = context.whenRequestCancelled().thenRun(handler);
  }
}
