package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Interner;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.sluice.backbone.Digest;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of structures, each compiled once and kept within a bound of bytes. Thread-safe.
 *
 * <p>The cache is one user of each session it holds and a run is another, so what is evicted under
 * a run is closed after it; a task whose session was evicted compiles it again.
 */
final class StructureCache implements AutoCloseable {
  /* A session of a small subgraph was measured to hold 141 KB beside its model. */
  private static final long SESSION_BYTES = 144_000;

  private final OnnxRuntime runtime;
  private final SessionSettings settings;
  private final Cache<Digest, CompiledGraph> sessions;
  private final Cache<Digest, Structure> known = Caffeine.newBuilder().weakValues().build();
  private final Interner<Leg> knownLegs = Interner.newWeakInterner();
  private final AtomicLong compilations = new AtomicLong();
  private final Object compiling = new Object();

  /**
   * @param settings of each session
   */
  StructureCache(OnnxRuntime runtime, SessionSettings settings, long maxBytes) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.settings = requireNonNull(settings, "settings");
    this.sessions =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (Digest key, CompiledGraph compiled) ->
                    (int) Math.min(Integer.MAX_VALUE, compiled.sizeBytes()))
            .executor(Runnable::run)
            .removalListener(StructureCache::removed)
            .build();
  }

  /** The one object for all structures equal to {@code structure}. */
  Structure intern(Structure structure) {
    return known.get(structure.key(), key -> structure);
  }

  /** The one object for all legs equal to {@code leg}. */
  Leg intern(Leg leg) {
    return knownLegs.intern(leg);
  }

  /** The session of {@code structure}; the caller releases it after use. */
  CompiledGraph acquire(Structure structure) {
    CompiledGraph hit = retained(structure.key());
    return hit != null ? hit : compile(structure);
  }

  /** How many there are now. */
  long size() {
    sessions.cleanUp();
    return sessions.estimatedSize();
  }

  /** How many structures have been compiled since the start, those compiled again included. */
  long compilations() {
    return compilations.get();
  }

  @Override
  public void close() {
    sessions.invalidateAll();
    sessions.cleanUp();
  }

  private CompiledGraph compile(Structure structure) {
    synchronized (compiling) {
      CompiledGraph hit = retained(structure.key());
      if (hit != null) {
        return hit;
      }
      byte[] model = structure.model();
      CompiledGraph fresh =
          new CompiledGraph(runtime.open(model, settings), SESSION_BYTES + model.length);
      compilations.incrementAndGet();
      fresh.tryRetain();
      sessions.put(structure.key(), fresh);
      return fresh;
    }
  }

  private @Nullable CompiledGraph retained(Digest key) {
    CompiledGraph compiled = sessions.getIfPresent(key);
    return compiled != null && compiled.tryRetain() ? compiled : null;
  }

  private static void removed(
      @Nullable Digest key, @Nullable CompiledGraph compiled, RemovalCause cause) {
    if (compiled != null) {
      compiled.release();
    }
  }
}
