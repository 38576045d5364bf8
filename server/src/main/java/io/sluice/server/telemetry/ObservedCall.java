package io.sluice.server.telemetry;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.sluice.server.engine.OverloadedException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One call under observation; remembers what is to be told of it when it is over. Thread-safe. */
final class ObservedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final RequestObserver observer;
  private final @Nullable ServiceRequestContext request;
  private final String method;
  private final String id;
  private final @Nullable Span span;
  private final long beganNanos = System.nanoTime();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile @Nullable String task;
  private volatile @Nullable Stages stages;

  ObservedCall(
      ServerCall<Q, R> call,
      RequestObserver observer,
      @Nullable ServiceRequestContext request,
      String method,
      String id,
      @Nullable Span span) {
    super(call);
    this.observer = observer;
    this.request = request;
    this.method = method;
    this.id = id;
    this.span = span;
  }

  /** Hears the client's side too. */
  ServerCall.Listener<Q> listen(ServerCall.Listener<Q> service) {
    return new SimpleForwardingServerCallListener<>(service) {
      @Override
      public void onMessage(Q message) {
        if (task == null) {
          task = observer.task(message);
        }
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        // The host ends a call that is late by itself; else the client has gone.
        boolean late = request != null && request.isTimedOut();
        end(late ? Status.DEADLINE_EXCEEDED : Status.CANCELLED);
        super.onCancel();
      }
    };
  }

  @Override
  public void sendMessage(R message) {
    stages = Stages.of(message);
    super.sendMessage(message);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    end(status);
    super.close(status, trailers);
  }

  private void end(Status status) {
    if (over.compareAndSet(false, true)) {
      observer.over(this, status.getCode().name(), refusal(status), System.nanoTime() - beganNanos);
    }
  }

  /** What there was too much of; null for a call that was not turned away. */
  private static @Nullable String refusal(Status status) {
    if (status.getCause() instanceof OverloadedException overload) {
      return RequestMetrics.reasonLabel(overload.reason());
    }
    return RequestMetrics.reasonLabel(status.getCode());
  }

  String method() {
    return method;
  }

  String id() {
    return id;
  }

  @Nullable String task() {
    return task;
  }

  @Nullable Stages stages() {
    return stages;
  }

  @Nullable Span span() {
    return span;
  }
}
