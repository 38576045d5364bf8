package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import io.sluice.backbone.runtime.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions over several blocks at once, made for the legs that batches really take.
 *
 * <p>A leg earns a session by being asked for; one thread makes them, one at a time, and rests nine
 * times as long as it worked. Nobody waits: until a session is there, the leg is run block by
 * block. All together are bounded in bytes, weights that cannot be shared included; the seldom used
 * are closed, after the run that is using them.
 *
 * <p>Thread-safe.
 */
final class ExpressSessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExpressSessions.class);

  /** Few enough that a task soon has its session, enough that a rare leg gets none. */
  private static final int FIRST_USES = 16;

  /* A session of a small subgraph was measured to hold 141 KB beside its model. */
  private static final long SESSION_BYTES = 144_000;

  /** Of a joined way, 2.6 MB were measured. */
  private static final long NODE_BYTES = 5_000;

  private static final long WEIGHT_BYTES = 1024;
  private static final int MOST_USES = 1 << 20;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int KNOWN_LEGS = 1024;
  private static final int REST_FACTOR = 9;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  /** How often a leg without a session was asked for. */
  private static final class Demand {
    /** Guarded by this object. */
    int uses;

    /** Uses that earn a session; the making thread may say never. */
    volatile int needed;

    Demand(int needed) {
      this.needed = needed;
    }
  }

  private final Backbone backbone;
  private final Precision precision;
  private final SharedWeights weights;
  private final LongSupplier nanoClock;
  private final int threads;
  private final long maxBytes;
  private final int firstUses;
  private final boolean eager;
  private final Cache<Leg, CompiledGraph> sessions;
  private final Cache<Leg, Demand> demands = Caffeine.newBuilder().maximumSize(KNOWN_LEGS).build();
  private final ExecutorService compiler;
  private final AtomicLong runs = new AtomicLong();
  private final AtomicLong sizeBytes = new AtomicLong();
  private final AtomicLong compiled = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile long restUntilNanos;

  /**
   * @param threads of a batch that is one of few; 0 for those of the runtime, which all have then
   * @param maxBytes native memory for all sessions together, about; 0 for none
   * @param firstUses how often a leg is run block by block before it earns a session
   * @param eager whether a leg that is asked for has its session made at once, by who asks
   * @param compiler where sessions are made; shut down by {@link #close}
   */
  ExpressSessions(
      Backbone backbone,
      Precision precision,
      SharedWeights weights,
      int threads,
      long maxBytes,
      int firstUses,
      boolean eager,
      ExecutorService compiler,
      LongSupplier nanoClock) {
    this.eager = eager;
    this.backbone = requireNonNull(backbone, "backbone");
    this.precision = requireNonNull(precision, "precision");
    this.weights = requireNonNull(weights, "weights");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    this.threads = threads;
    this.maxBytes = maxBytes;
    this.firstUses = firstUses;
    this.restUntilNanos = nanoClock.getAsLong();
    this.sessions =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes / WEIGHT_BYTES)
            .weigher(
                (Leg leg, CompiledGraph session) ->
                    (int) Math.min(Integer.MAX_VALUE, 1 + session.sizeBytes() / WEIGHT_BYTES))
            .executor(Runnable::run)
            .removalListener(this::removed)
            .build();
    this.compiler = requireNonNull(compiler, "compiler");
  }

  /**
   * As a server has them: made on a thread of their own, for legs that come again and again.
   *
   * @param threads of a batch that is one of few; 0 for those of the runtime
   * @param maxBytes native memory for all sessions together, about; 0 for none
   */
  static ExpressSessions of(
      Backbone backbone,
      Precision precision,
      OnnxRuntime runtime,
      SharedWeights weights,
      int threads,
      long maxBytes) {
    return new ExpressSessions(
        backbone,
        precision,
        weights,
        threads,
        maxBytes,
        FIRST_USES,
        runtime.settings().device().isCuda() && runtime.memory().isHost(),
        compiler(),
        System::nanoTime);
  }

  /** One thread that refuses what comes while it works. */
  private static ExecutorService compiler() {
    return new ThreadPoolExecutor(
        0,
        1,
        10,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        runnable -> {
          Thread worker = new Thread(runnable, "sluice-express");
          worker.setDaemon(true);
          return worker;
        });
  }

  /**
   * Whether every batch is to be of one task and run as one: on a GPU whose tensors pass through
   * host memory each session more is a way there and back.
   */
  boolean isEager() {
    return eager;
  }

  /**
   * Runs {@code leg} as one, if it has sessions.
   *
   * @param wide whether by several threads
   * @param earns whether the use counts towards a session, if it has none
   * @param offered all it may take; asked for only if there is a session
   * @return whether the outputs are there; if not, nothing the caller has was changed but them
   */
  boolean run(
      Leg leg,
      boolean wide,
      boolean earns,
      Supplier<Map<String, Tensor>> offered,
      Map<String, Tensor> outputs) {
    CompiledGraph compiled = earns || eager ? acquire(leg) : known(leg);
    if (compiled == null) {
      return false;
    }
    try {
      OnnxSession session = compiled.session(wide);
      Map<String, Tensor> inputs = offered.get();
      inputs.keySet().removeIf(name -> !session.takes(name));
      session.run(inputs, outputs);
      return true;
    } catch (RuntimeException e) {
      distrust(leg, e);
      return false;
    } finally {
      compiled.release();
    }
  }

  /**
   * The session of {@code leg}, which the caller releases after the run; null while there is none.
   */
  @Nullable CompiledGraph acquire(Leg leg) {
    CompiledGraph session = known(leg);
    if (session != null) {
      return session;
    }
    if (!eager) {
      note(leg);
      return null;
    }
    Demand demand = demand(leg);
    if (maxBytes > 0 && demand.needed != NEVER) {
      compile(leg, demand);
    }
    return known(leg);
  }

  private @Nullable CompiledGraph known(Leg leg) {
    CompiledGraph session = sessions.getIfPresent(leg);
    if (session == null || !session.tryRetain()) {
      return null;
    }
    runs.incrementAndGet();
    return session;
  }

  /** Closes the session of {@code leg}, whose run has failed, and makes no other. */
  void distrust(Leg leg, RuntimeException cause) {
    LOG.warn("{}: run as one failed, run block by block from now on", leg, cause);
    failed.incrementAndGet();
    demand(leg).needed = NEVER;
    sessions.invalidate(leg);
  }

  /**
   * Makes the session of {@code leg} on the calling thread, unless that would close another.
   *
   * @return whether there may be room for more
   */
  boolean prepare(Leg leg) {
    if (sessions.getIfPresent(leg) != null) {
      return true;
    }
    try {
      Graph graph = LegGraph.of(backbone, precision, leg, weights.device());
      if (sizeBytes.get() + bytes(graph) > maxBytes) {
        return false;
      }
      keep(leg, graph);
    } catch (RuntimeException e) {
      giveUp(leg, demand(leg), e);
    }
    return true;
  }

  ExpressStats stats() {
    sessions.cleanUp();
    return new ExpressStats(
        runs.get(), sessions.estimatedSize(), sizeBytes.get(), compiled.get(), failed.get());
  }

  /** Call it when nothing is acquired any more. */
  @Override
  public void close() {
    compiler.shutdown();
    try {
      if (!compiler.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "express thread: running (expected: ended in " + CLOSE_TIMEOUT + ")");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("express: interrupted while closing; not freed", e);
    }
    sessions.invalidateAll();
    sessions.cleanUp();
  }

  private Demand demand(Leg leg) {
    return demands.get(leg, key -> new Demand(firstUses));
  }

  private void note(Leg leg) {
    if (maxBytes == 0) {
      return;
    }
    Demand demand = demand(leg);
    synchronized (demand) {
      note(leg, demand);
    }
  }

  private void note(Leg leg, Demand demand) {
    int needed = demand.needed;
    demand.uses++;
    if (demand.uses < needed || needed == NEVER || nanoClock.getAsLong() - restUntilNanos < 0) {
      return;
    }
    demand.uses = 0;
    // Each time a session is made again, after it was closed for others, it takes more to earn it.
    demand.needed = Math.min(MOST_USES, 2 * needed);
    try {
      compiler.execute(() -> compile(leg, demand));
    } catch (RejectedExecutionException e) {
      // Another one is being made; the next use asks again.
      demand.uses = needed;
      demand.needed = needed;
    }
  }

  private void compile(Leg leg, Demand demand) {
    long beganNanos = nanoClock.getAsLong();
    try {
      Graph graph = LegGraph.of(backbone, precision, leg, weights.device());
      if (bytes(graph) > maxBytes) {
        demand.needed = NEVER;
      } else {
        keep(leg, graph);
      }
    } catch (RuntimeException e) {
      giveUp(leg, demand, e);
    } finally {
      long nowNanos = nanoClock.getAsLong();
      restUntilNanos = nowNanos + REST_FACTOR * (nowNanos - beganNanos);
    }
  }

  private void giveUp(Leg leg, Demand demand, RuntimeException cause) {
    failed.incrementAndGet();
    demand.needed = NEVER;
    LOG.warn("{}: cannot be run as one, run block by block", leg, cause);
  }

  private void keep(Leg leg, Graph graph) {
    CompiledGraph made = open(leg, graph);
    sizeBytes.addAndGet(made.sizeBytes());
    compiled.incrementAndGet();
    sessions.put(leg, made);
  }

  private CompiledGraph open(Leg leg, Graph graph) {
    SessionSettings settings = SessionSettings.oneOfMany();
    int several = leg.isEnd() ? Cores.ofShare(threads) : threads;
    OnnxSession wide = weights.open(graph, settings.withOwnThreads(several));
    if (threads <= 1) {
      return new CompiledGraph(wide, bytes(graph));
    }
    try {
      OnnxSession narrow = weights.open(graph, settings.withOwnThreads(1));
      return new CompiledGraph(wide, narrow, bytes(graph));
    } catch (RuntimeException | Error e) {
      wide.close();
      throw e;
    }
  }

  /** Of all sessions of a leg. */
  private long bytes(Graph graph) {
    long each = SESSION_BYTES + NODE_BYTES * graph.nodes().size() + weights.ownBytes(graph);
    return threads > 1 ? 2 * each : each;
  }

  private void removed(@Nullable Leg leg, @Nullable CompiledGraph session, RemovalCause cause) {
    if (session != null) {
      sizeBytes.addAndGet(-session.sizeBytes());
      session.release();
    }
  }
}
