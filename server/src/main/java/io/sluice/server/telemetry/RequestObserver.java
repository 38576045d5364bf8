package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.sluice.server.engine.OverloadedException.Reason;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Follows every call of our services from its headers to its status and records it once: in the
 * metrics, the log and the traces. Thread-safe. Health and reflection are not counted.
 */
final class RequestObserver implements ServerInterceptor {
  private static final String INFRASTRUCTURE = "grpc.";

  private final RequestMetrics metrics;
  private final RequestLog log;
  private final RefusalLog refusals;
  private final @Nullable Traces traces;
  private final AskedTask tasks = new AskedTask();

  RequestObserver(
      RequestMetrics metrics, RequestLog log, RefusalLog refusals, @Nullable Traces traces) {
    this.metrics = requireNonNull(metrics, "metrics");
    this.log = requireNonNull(log, "log");
    this.refusals = requireNonNull(refusals, "refusals");
    this.traces = traces;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (method.startsWith(INFRASTRUCTURE)) {
      return next.startCall(call, headers);
    }
    ServiceRequestContext request = ServiceRequestContext.currentOrNull();
    String id = RequestIds.of(request);
    Span span = traces == null ? null : traces.begin(method, id, headers);
    ObservedCall<Q, R> observed = new ObservedCall<>(call, this, request, method, id, span);
    return observed.listen(next.startCall(observed, headers));
  }

  @Nullable String task(Object request) {
    return tasks.of(request);
  }

  /** Records a call that is over; it calls once. */
  void over(ObservedCall<?, ?> call, String status, @Nullable String refusal, long nanos) {
    String task = call.task();
    String label = task == null ? "" : metrics.labels().of(task, status);
    metrics.request(call.method(), label, status, nanos);
    if (refusal != null) {
      refused(refusal);
    }
    Span span = call.span();
    String traceId = null;
    if (span != null && traces != null) {
      traceId = span.getSpanContext().isSampled() ? span.getSpanContext().getTraceId() : null;
      traces.end(span, task, status, call.stages());
    }
    log.write(call.id(), call.method(), task, status, nanos, call.stages(), traceId);
  }

  /** Records a request that did not become a call. */
  void turnedAway(Status.Code code) {
    String reason = RequestMetrics.reasonLabel(code);
    refused(reason == null ? code.name().toLowerCase(Locale.ROOT) : reason);
  }

  /** Records a row that was refused while its call goes on. */
  void rowTurnedAway(Reason reason) {
    refused(RequestMetrics.reasonLabel(reason));
  }

  private void refused(String reason) {
    metrics.refusal(reason);
    refusals.refused(reason);
  }
}
