package io.sluice.server.telemetry;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.backbone.Digest;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.store.Revision;
import io.sluice.registry.store.TaskState;
import io.sluice.server.engine.CacheStats;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineStats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What an engine and its store hold, read when somebody asks and not before. Thread-safe; all
 * numbers of one page are of one moment.
 */
final class HeldMetrics {
  /** What there is at a moment. */
  private record Held(EngineStats engine, long storedTasks, long storedBundles, long storedBytes) {}

  private final MeterRegistry registry;
  private final Engine engine;
  private final BundleStore store;
  private volatile Held held;

  HeldMetrics(MeterRegistry registry, Engine engine, BundleStore store) {
    this.registry = requireNonNull(registry, "registry");
    this.engine = requireNonNull(engine, "engine");
    this.store = requireNonNull(store, "store");
    this.held = read();
    long backboneBytes = engine.backbone().parameters() * Float.BYTES;
    gauge(
        "sluice.backbone.weights.bytes", "Weights of the backbone at 32 bits", h -> backboneBytes);
    gauge("sluice.queued.rows", "Rows waiting for the engine", h -> h.engine().queuedRows());
    gauge("sluice.live.tasks", "Tasks that can be asked", h -> h.engine().liveTasks());
    gauge("sluice.generation", "Changes of the live tasks", h -> h.engine().generation());
    gauge("sluice.task.weights.bytes", "Weights of the live tasks", h -> h.engine().taskBytes());
    gauge("sluice.structures", "Compiled structures in memory", h -> h.engine().structures());
    counter(
        "sluice.structure.compilations",
        "Structures compiled",
        h -> h.engine().structureCompilations());
    gauge("sluice.express.sessions", "Joined sessions", h -> h.engine().express().sessions());
    gauge(
        "sluice.express.bytes", "Memory of joined sessions", h -> h.engine().express().sizeBytes());
    counter(
        "sluice.express.compilations",
        "Joined sessions made",
        h -> h.engine().express().compiled());
    counter("sluice.express.runs", "Runs of a joined session", h -> h.engine().express().runs());
    counter(
        "sluice.express.failures",
        "Joined sessions that could not be made or run",
        h -> h.engine().express().failed());
    cache("response", "Responses", h -> h.engine().responses());
    cache("trunk", "Trunk states", h -> h.engine().trunks());
    gauge("sluice.store.tasks", "Tasks in the store", Held::storedTasks);
    gauge("sluice.store.bundles", "Bundles in the store", Held::storedBundles);
    gauge("sluice.store.bytes", "Bundle files in the store", Held::storedBytes);
  }

  private void cache(String name, String what, Function<Held, CacheStats> stats) {
    String prefix = "sluice." + name + ".cache.";
    counter(prefix + "hits", what + " that were found", h -> stats.apply(h).hits());
    counter(prefix + "misses", what + " that were not", h -> stats.apply(h).misses());
    counter(prefix + "evictions", what + " given up", h -> stats.apply(h).evicted());
    gauge(prefix + "entries", what + " that are kept", h -> stats.apply(h).entries());
    gauge(prefix + "bytes", "Memory of them", h -> stats.apply(h).sizeBytes());
  }

  /** Reads everything anew. */
  void refresh() {
    held = read();
  }

  private Held read() {
    List<TaskState> tasks = store.tasks();
    Map<Digest, Long> bundles = new HashMap<>();
    for (TaskState task : tasks) {
      for (Revision revision : task.revisions()) {
        bundles.put(revision.digest(), revision.sizeBytes());
      }
    }
    long bytes = bundles.values().stream().mapToLong(Long::longValue).sum();
    return new Held(engine.stats(), tasks.size(), bundles.size(), bytes);
  }

  private void gauge(String name, String description, ToDoubleFunction<Held> value) {
    Gauge.builder(name, this, self -> value.applyAsDouble(self.held))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<Held> value) {
    FunctionCounter.builder(name, this, self -> value.applyAsDouble(self.held))
        .description(description)
        .register(registry);
  }
}
