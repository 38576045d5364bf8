package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.server.engine.EngineListener;
import io.sluice.server.engine.OverloadedException.Reason;
import io.sluice.server.engine.RowResult;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests, rows, batches and refusals in numbers. Thread-safe; recording is a look-up and an
 * addition, without a lock.
 */
final class RequestMetrics implements EngineListener {
  private static final Duration[] LATENCIES =
      Stream.of(500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
          .map(micros -> Duration.ofNanos(1000L * micros))
          .toArray(Duration[]::new);
  private static final Duration[] STAGES =
      Stream.of(50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000)
          .map(micros -> Duration.ofNanos(1000L * micros))
          .toArray(Duration[]::new);

  private record Outcome(String method, String task, String status) {}

  private record Asked(String method, String task) {}

  private final MeterRegistry registry;
  private final TaskLabels labels;
  private final ConcurrentMap<Outcome, Counter> requests = new ConcurrentHashMap<>();
  private final ConcurrentMap<Asked, Timer> latencies = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Counter> rows = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Counter> refusals = new ConcurrentHashMap<>();
  private final Timer tokenize;
  private final Timer queue;
  private final Timer compute;
  private final Timer batches;
  private final DistributionSummary batchRows;
  private final Counter tokens;

  RequestMetrics(MeterRegistry registry, TaskLabels labels) {
    this.registry = requireNonNull(registry, "registry");
    this.labels = requireNonNull(labels, "labels");
    tokenize = stage("tokenize");
    queue = stage("queue");
    compute = stage("compute");
    batches =
        Timer.builder("sluice.batch")
            .description("Time of a batch in the engine")
            .serviceLevelObjectives(STAGES)
            .register(registry);
    batchRows =
        DistributionSummary.builder("sluice.batch.rows")
            .description("Rows of a batch, the server's own among them")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128)
            .register(registry);
    for (Reason reason : Reason.values()) {
      // There from the start, so that a first refusal is a rise and not a beginning.
      refusals.put(reasonLabel(reason), refusals(reasonLabel(reason)));
    }
    tokens =
        Counter.builder("sluice.tokens")
            .description("Tokens of answered rows, special tokens included")
            .register(registry);
  }

  TaskLabels labels() {
    return labels;
  }

  /**
   * Counts a request that is over.
   *
   * @param task a label
   * @param status name of a gRPC status
   */
  void request(String method, String task, String status, long nanos) {
    of(requests, new Outcome(method, task, status), this::counter).increment();
    of(latencies, new Asked(method, task), this::latency).record(nanos, TimeUnit.NANOSECONDS);
  }

  static String reasonLabel(Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** The label of a refusal told by its status alone; null for a status that is none. */
  static @Nullable String reasonLabel(Status.Code code) {
    return switch (code) {
      case RESOURCE_EXHAUSTED -> "limit";
      case UNAVAILABLE -> "draining";
      case UNAUTHENTICATED, PERMISSION_DENIED -> code.name().toLowerCase(Locale.ROOT);
      default -> null;
    };
  }

  /** Counts a request, or a row, that was turned away without a look at its text. */
  void refusal(String reason) {
    of(refusals, reason, this::refusals).increment();
  }

  @Override
  public void answered(String task, int tokenCount, long tokenizeNanos, RowResult result) {
    of(rows, labels.answered(task), this::rows).increment();
    tokens.increment(tokenCount);
    tokenize.record(tokenizeNanos, TimeUnit.NANOSECONDS);
    queue.record(result.queueNanos(), TimeUnit.NANOSECONDS);
    compute.record(result.computeNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void computed(int rowCount, long nanos) {
    batches.record(nanos, TimeUnit.NANOSECONDS);
    batchRows.record(rowCount);
  }

  /** Looked up without a lock, which {@code computeIfAbsent} alone may take. */
  private static <K, M> M of(ConcurrentMap<K, M> meters, K key, Function<K, M> make) {
    M meter = meters.get(key);
    return meter != null ? meter : meters.computeIfAbsent(key, make);
  }

  private Timer stage(String name) {
    return Timer.builder("sluice.stage")
        .description("Time of an answered row in a stage: tokenize, queue, compute")
        .tag("stage", name)
        .serviceLevelObjectives(STAGES)
        .register(registry);
  }

  private Counter counter(Outcome outcome) {
    return Counter.builder("sluice.requests")
        .description("Requests that are over, by gRPC method, task and status")
        .tags("method", outcome.method(), "task", outcome.task(), "status", outcome.status())
        .register(registry);
  }

  private Timer latency(Asked asked) {
    return Timer.builder("sluice.request")
        .description("Time from a request's arrival to its reply or refusal")
        .tags("method", asked.method(), "task", asked.task())
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  private Counter refusals(String reason) {
    return Counter.builder("sluice.refusals")
        .description("Requests and rows turned away, by what there was too much of")
        .tag("reason", reason)
        .register(registry);
  }

  private Counter rows(String task) {
    return Counter.builder("sluice.rows")
        .description("Rows answered")
        .tag("task", task)
        .register(registry);
  }
}
