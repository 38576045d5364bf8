package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.backbone.SluiceException;
import io.sluice.server.activation.ActivationListener;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registrations, activations and rollbacks, counted by their outcome and logged. Thread-safe. */
final class ActivationMetrics implements ActivationListener {
  private static final Logger log = LoggerFactory.getLogger("io.sluice.tasks");
  private static final double NANOS_PER_MILLI = 1e6;
  private static final Duration[] TIMES =
      Stream.of(1, 5, 10, 50, 100, 500, 1_000, 5_000, 30_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;

  ActivationMetrics(MeterRegistry registry) {
    this.registry = requireNonNull(registry, "registry");
  }

  @Override
  public void over(Action action, String task, @Nullable RuntimeException failure, long nanos) {
    String name = action.name().toLowerCase(Locale.ROOT);
    String outcome =
        failure == null
            ? "OK"
            : failure instanceof SluiceException e ? e.code().name() : "INTERNAL";
    Timer.builder("sluice.activation")
        .description("Time of a change of a task: register, activate, rollback, retire")
        .tags("action", name, "outcome", outcome)
        .serviceLevelObjectives(TIMES)
        .register(registry)
        .record(Duration.ofNanos(nanos));
    (failure == null ? log.atInfo() : log.atWarn())
        .addKeyValue("action", name)
        .addKeyValue("task", task)
        .addKeyValue("outcome", outcome)
        .addKeyValue("ms", String.format(Locale.ROOT, "%.1f", nanos / NANOS_PER_MILLI))
        .addKeyValue("why", failure == null ? "" : String.valueOf(failure.getMessage()))
        .log(failure == null ? "task changed" : "task not changed");
  }
}
