package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backbone and everything that answers with it: tokenizer, queue, engine threads, live tasks.
 * Thread-safe.
 */
public final class Engine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  /** Some dozens of probes as trained bundles have them. */
  private static final long OWN_TRUNK_BYTES = 4L << 20;

  private final Backbone backbone;
  private final Precision precision;
  private final boolean sharesByTenants;
  private final OnnxRuntime runtime;
  private final BackboneTokenizer tokenizer;
  private final SharedWeights shared;
  private final BackboneSessions sessions;
  private final StructureCache structures;
  private final TaskWeights weights;
  private final ExpressSessions express;
  private final @Nullable TrunkCache trunks;
  private final @Nullable ResponseCache responses;
  private final Batcher batcher;
  private final List<BlockEngine> blocks = new ArrayList<>();
  private final List<EngineThread> threads = new ArrayList<>();
  private final Intake intake;
  private final RecentTasks recent;
  private final LiveTasks tasks;
  private final CompletableFuture<@Nullable Void> refusing = new CompletableFuture<>();

  /** Takes over {@code tokenizer}, {@code shared} and {@code sessions}. */
  private Engine(
      Backbone backbone,
      EngineSettings settings,
      EngineListener listener,
      OnnxRuntime runtime,
      BackboneTokenizer tokenizer,
      SharedWeights shared,
      BackboneSessions sessions) {
    this.backbone = backbone;
    this.precision = settings.precision();
    this.sharesByTenants = settings.sharesByTenants();
    this.runtime = runtime;
    this.tokenizer = tokenizer;
    this.shared = shared;
    this.sessions = sessions;
    recent = new RecentTasks(settings.recentTaskBytes());
    tasks = new LiveTasks(recent::keep);
    structures = new StructureCache(runtime, partSettings(runtime), settings.structureCacheBytes());
    weights = new TaskWeights(runtime.memory());
    Cores cores = Cores.of(runtime);
    batcher = new Batcher(settings.batching(), cores, System::nanoTime);
    express =
        ExpressSessions.of(
            backbone, precision, runtime, shared, cores.wideThreads(), settings.expressBytes());
    trunks = settings.trunkCacheBytes() == 0 ? null : new TrunkCache(settings.trunkCacheBytes());
    responses =
        settings.responseCacheBytes() == 0
            ? null
            : new ResponseCache(settings.responseCacheBytes());
    // On a GPU states would come from it and go back to it.
    TrunkCache ownTrunks =
        runtime.memory().isHost() && !express.isEager() ? new TrunkCache(OWN_TRUNK_BYTES) : null;
    for (int i = 1; i <= cores.batches(); i++) {
      BlockEngine own =
          new BlockEngine(
              sessions,
              tokenizer.padId(),
              structures,
              weights,
              express,
              trunks,
              ownTrunks,
              runtime.memory(),
              System::nanoTime);
      blocks.add(own);
      threads.add(new EngineThread(batcher.taker(), own, listener, System::nanoTime, i));
    }
    intake = new Intake(tokenizer, backbone.maxPositions(), settings, responses, batcher, listener);
  }

  /** Compiles the backbone's blocks and starts the threads. */
  public static Engine start(Backbone backbone, EngineSettings settings, OnnxRuntime runtime) {
    return start(backbone, settings, EngineListener.NONE, runtime);
  }

  /** The same, telling {@code listener} what it does. */
  public static Engine start(
      Backbone backbone, EngineSettings settings, EngineListener listener, OnnxRuntime runtime) {
    requireNonNull(backbone, "backbone");
    requireNonNull(settings, "settings");
    requireNonNull(listener, "listener");
    requireNonNull(runtime, "runtime");
    BackboneTokenizer tokenizer = new BackboneTokenizer(backbone);
    SharedWeights shared = null;
    BackboneSessions sessions = null;
    try {
      shared = SharedWeights.on(runtime);
      if (shared.whyNot() != null) {
        log.warn("weights: once in each session, which takes more memory: {}", shared.whyNot());
      }
      sessions =
          BackboneSessions.open(backbone, shared, partSettings(runtime), settings.precision());
      Engine engine =
          new Engine(backbone, settings, listener, runtime, tokenizer, shared, sessions);
      engine.threads.forEach(EngineThread::start);
      return engine;
    } catch (RuntimeException | Error e) {
      if (sessions != null) {
        sessions.close();
      }
      if (shared != null) {
        shared.close();
      }
      tokenizer.close();
      throw e;
    }
  }

  /** Of what is run block by block: batches side by side have one thread each. */
  private static SessionSettings partSettings(OnnxRuntime runtime) {
    SessionSettings any = SessionSettings.oneOfMany();
    return Cores.of(runtime).batches() > 1 ? any.withOwnThreads(1) : any;
  }

  public Backbone backbone() {
    return backbone;
  }

  /** The version of ONNX Runtime. */
  public String runtimeVersion() {
    return runtime.version();
  }

  /** Whether tenants of a task have shares of their own. */
  public boolean sharesByTenants() {
    return sharesByTenants;
  }

  /** What it computes on. */
  public Device device() {
    return runtime.settings().device();
  }

  /** The format the backbone's weights are computed with. */
  public Precision precision() {
    return precision;
  }

  /**
   * Runs the live tasks until they are as fast as they get, or for {@code atMost}. To be called
   * before requests are let in.
   */
  public void warmUp(Duration atMost) {
    List<Lease> leases = tasks.leaseAll();
    try {
      if (!leases.isEmpty() && !atMost.isZero()) {
        // A trunk that is kept ends a session.
        new WarmUp(
                batcher,
                tokenizer,
                express,
                task -> trunks == null || task.firstPoint() == 1,
                System::nanoTime)
            .run(leases.stream().map(Lease::task).toList(), atMost);
      }
    } finally {
      leases.forEach(Lease::close);
    }
  }

  /** What it holds at the moment. */
  public EngineStats stats() {
    List<Lease> leases = tasks.leaseAll();
    try {
      return new EngineStats(
          batcher.queuedRows(),
          leases.size(),
          tasks.generation(),
          leases.stream().mapToLong(lease -> lease.task().residentBytes()).sum(),
          structures.size(),
          structures.compilations(),
          express.stats(),
          responses == null ? CacheStats.OFF : responses.stats(),
          trunks == null ? CacheStats.OFF : trunks.stats());
    } finally {
      leases.forEach(Lease::close);
    }
  }

  /** What joined sessions have done. */
  public ExpressStats expressStats() {
    return express.stats();
  }

  /** What may be asked now. */
  public LiveTasks tasks() {
    return tasks;
  }

  /**
   * Accepts one text (or pair of texts) for every leased task, or refuses it for all: {@code
   * UNAVAILABLE} when draining, {@link OverloadedException} when a queue is full. What the tasks'
   * ways through the backbone have in common is computed once, as far as they fit into one batch.
   * The leases must stay open until the answers are complete.
   *
   * @param tenant on whose behalf, of whose share of the engine; empty for nobody's
   * @param visit the open one this is part of; null if it is a request of its own
   * @param deadlineNanos when the answers are of no use any more, by {@link System#nanoTime()};
   *     null for no such time
   * @return a ticket a lease, in their order
   */
  public List<Ticket<Answer>> ask(
      List<Lease> leases,
      String tenant,
      String text,
      @Nullable String pair,
      @Nullable Visit visit,
      @Nullable Long deadlineNanos) {
    return intake.ask(leases, tenant, text, pair, visit, deadlineNanos);
  }

  /**
   * Lets a request of many parts in, which are asked one by one; {@code UNAVAILABLE} when draining.
   *
   * @param tenant on whose behalf; empty for nobody's
   * @return to be closed when all are answered
   */
  public Visit enter(String tenant) {
    return intake.admission().visit(tenant);
  }

  /**
   * Accepts a question about a passage of any length, or refuses it as {@link #ask} does: tokenized
   * once, laid out in the windows the task was trained with, queued all at once. The lease must
   * stay open until the answer is complete.
   *
   * @param tenant as in {@link #ask}
   * @param maxWindows a passage that takes more, or more than the queue can hold, is answered with
   *     INVALID_ARGUMENT
   * @param deadlineNanos as in {@link #ask}
   */
  public Ticket<PassageAnswer> askPassage(
      Lease lease,
      String tenant,
      String question,
      String passage,
      int maxWindows,
      @Nullable Long deadlineNanos) {
    return intake.askPassage(lease, tenant, question, passage, maxWindows, deadlineNanos);
  }

  /**
   * Builds the task that {@code bundle} would be: weights resident, structures compiled. Does not
   * touch what is live.
   *
   * @return owned by the caller, who takes the task out or closes it
   */
  public Built build(String name, AdapterBundle bundle) {
    long before = structures.compilations();
    LoadedTask task = LoadedTask.load(name, bundle, structures, weights);
    try {
      task.subgraphs().forEach(this::compile);
    } catch (RuntimeException | Error e) {
      task.release();
      throw e;
    }
    return new Built(task, Math.toIntExact(structures.compilations() - before));
  }

  private void compile(Subgraph part) {
    structures.acquire(part.structure()).release();
    Structure stacked = part.set() == null ? null : part.structure().stacked();
    if (stacked != null) {
      structures.acquire(stacked).release();
    }
  }

  /** Takes {@code built} over, so that it can be recalled for a while. */
  public void keep(Built built) {
    recent.keep(built);
  }

  /**
   * The task that {@code digest} is under {@code name}, if it is live, was so lately or was kept:
   * nothing is built.
   *
   * @return owned by the caller, who takes the task out or closes it; null when it is not there
   */
  public @Nullable Built recall(String name, Digest digest) {
    LoadedTask live = tasks.retained(name, digest);
    return live == null ? recent.take(name, digest) : new Built(live, 0);
  }

  /** Takes a task out of what is live and frees all that is kept of its earlier bundles. */
  public LiveTasks.Removed retire(String name) {
    LiveTasks.Removed removed = tasks.remove(name);
    recent.forget(name);
    return removed;
  }

  /**
   * Rows to compute for a task.
   *
   * @param task need not be live
   */
  public record ProbeRun(LoadedTask task, Probe probe) {
    public ProbeRun {
      requireNonNull(task, "task");
      requireNonNull(probe, "probe");
    }
  }

  /**
   * The logits of the rows of each group, computed by the engine as those of requests are, but
   * behind them: in the gaps that requests leave, and at a low rate where they leave none.
   *
   * @param groups each is computed in one batch, maybe with others
   */
  public List<List<float[]>> logits(List<List<ProbeRun>> groups) {
    List<List<Row>> rows = new ArrayList<>();
    long nowNanos = System.nanoTime();
    for (List<ProbeRun> group : groups) {
      List<Row> together = new ArrayList<>();
      for (ProbeRun run : group) {
        for (int i = 0; i < run.probe().rows(); i++) {
          Tokens tokens = new Tokens(run.probe().ids().get(i), run.probe().typeIds().get(i));
          together.add(Row.background(run.task(), tokens, nowNanos));
        }
      }
      rows.add(together);
    }
    batcher.submitBackground(rows);
    List<List<float[]>> logits = new ArrayList<>();
    SluiceException failure = null;
    for (List<Row> group : rows) {
      List<float[]> own = new ArrayList<>();
      for (Row row : group) {
        try {
          own.add(row.result().join().logits());
        } catch (CompletionException e) {
          failure = asSluice(e.getCause());
        }
      }
      logits.add(own);
    }
    if (failure != null) {
      throw failure;
    }
    return logits;
  }

  /** Refuses requests from now on; what was accepted is answered. */
  public void refuse() {
    intake.admission().shut();
    refusing.complete(null);
  }

  /** Completed when requests are refused. */
  public CompletableFuture<@Nullable Void> refusing() {
    return refusing;
  }

  /** Waits until every accepted request is answered; false if that takes too long. */
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    return intake.admission().awaitEmpty(timeout);
  }

  /** Answers what was accepted, then frees everything. */
  @Override
  public void close() {
    refuse();
    try {
      intake.admission().awaitEmpty(CLOSE_TIMEOUT);
      intake.stop();
      batcher.close();
      for (EngineThread thread : threads) {
        thread.join(CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("engine: interrupted while closing; not freed", e);
    }
    tasks.close();
    recent.close();
    blocks.forEach(BlockEngine::close);
    express.close();
    structures.close();
    sessions.close();
    shared.close();
    tokenizer.close();
  }

  private static SluiceException asSluice(@Nullable Throwable failure) {
    if (failure instanceof SluiceException known) {
      return known;
    }
    return new SluiceException(ErrorCode.INTERNAL, "engine: " + failure, failure);
  }
}
