package io.sluice.server.telemetry;

import io.grpc.Metadata;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Spans of requests, sent by OTLP over HTTP: one a request, and below it one for each stage. A
 * caller's {@code traceparent} is the parent and says whether the request is traced; without one a
 * share of them is. Thread-safe; sends on a thread of its own and drops spans when that is late.
 */
final class Traces implements AutoCloseable {
  private static final Duration SEND_EVERY = Duration.ofSeconds(1);
  private static final long CLOSE_SECONDS = 5;
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> STATUS =
      AttributeKey.stringKey("rpc.response.status_code");
  private static final AttributeKey<String> TASK = AttributeKey.stringKey("sluice.task");
  private static final AttributeKey<String> ID = AttributeKey.stringKey("sluice.request.id");

  private static final TextMapGetter<Metadata> HEADERS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
          return headers.keys();
        }

        @Override
        public @Nullable String get(@Nullable Metadata headers, String key) {
          return headers == null
              ? null
              : headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
        }
      };

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /**
   * @param endpoint such as {@code http://localhost:4318/v1/traces}
   * @param share of the requests without a traceparent, 0 to 1
   */
  Traces(URI endpoint, double share) {
    provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(AttributeKey.stringKey("service.name"), "sluice"))))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(endpoint.toString()).build())
                    .setScheduleDelay(SEND_EVERY)
                    .build())
            .build();
    tracer = provider.get("io.sluice.server");
  }

  /** The span of a request that begins now. */
  Span begin(String method, String id, Metadata headers) {
    Context parent =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS);
    return tracer
        .spanBuilder(method)
        .setSpanKind(SpanKind.SERVER)
        .setParent(parent)
        .setAttribute(SYSTEM, "grpc")
        .setAttribute(METHOD, method)
        .setAttribute(ID, id)
        .startSpan();
  }

  /** Ends the span of a request, with its stages: they lie one behind the other before now. */
  void end(Span span, @Nullable String task, String status, @Nullable Stages stages) {
    if (!span.isRecording()) {
      return;
    }
    Instant now = Instant.now();
    if (stages != null) {
      Context parent = Context.root().with(span);
      Instant computing = now.minusNanos(stages.computeNanos());
      Instant queued = computing.minusNanos(stages.queueNanos());
      stage(parent, "tokenize", queued.minusNanos(stages.tokenizeNanos()), queued);
      stage(parent, "queue", queued, computing);
      stage(parent, "compute", computing, now);
    }
    if (task != null) {
      span.setAttribute(TASK, task);
    }
    span.setAttribute(STATUS, status);
    if (!status.equals("OK")) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(now);
  }

  private void stage(Context parent, String name, Instant begin, Instant end) {
    tracer.spanBuilder(name).setParent(parent).setStartTimestamp(begin).startSpan().end(end);
  }

  /** Sends what is left. */
  @Override
  public void close() {
    provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
