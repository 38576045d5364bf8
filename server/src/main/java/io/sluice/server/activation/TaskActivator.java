package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.answer.BooleanLabels;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.store.CollectedBundles;
import io.sluice.registry.store.Proof;
import io.sluice.registry.store.Registered;
import io.sluice.registry.store.TaskName;
import io.sluice.registry.store.TaskState;
import io.sluice.server.activation.ActivationListener.Action;
import io.sluice.server.engine.Built;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.LiveTasks;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from a stored bundle to a serving one, and the only writer of what is live. Thread-safe.
 */
public final class TaskActivator {
  private static final Logger log = LoggerFactory.getLogger(TaskActivator.class);
  private static final Set<TaskKind> ABOUT_PASSAGES =
      EnumSet.of(TaskKind.ANSWER_BOOLEAN, TaskKind.ANSWER_SPAN);

  private static final int LOCKS = 64;

  /** How long a retirement waits for requests under way; they have limits of their own. */
  private static final Duration LAST_LEASE = Duration.ofSeconds(30);

  private final Engine engine;
  private final BundleStore store;
  private final BundleLimits limits;
  private final @Nullable Consumer<AdapterBundle> trust;
  private final CostSettings costs;
  private final ProbeGate gate;

  /** What a proof of a bundle holds for. */
  private final String identity;

  private final TaskListener listener;
  private final ActivationListener changes;
  private final StoreWrites writes = new StoreWrites();

  /*
   * Building and probing touch nothing that is live and need no lock. Recording and swapping are
   * one step under the task's lock, so that it changes in the order of the store; tasks that are
   * changed at the same time share the store's write to the disk. Recorded first:
   * after a crash in between the store serves the new bundle at restart, of which no client has
   * been told yet, whereas a reply by a bundle that is forgotten at restart could not be explained.
   * The swap after it is one assignment and cannot fail.
   */
  private final Object[] locks = Stream.generate(Object::new).limit(LOCKS).toArray();

  /**
   * @param limits for bundles that come in
   * @param trust refuses a bundle whose origin will not do; null where any will
   * @param costs what bundles may cost that serve
   * @param listener told of each task whether it serves
   * @param changes told how each change ended
   */
  public TaskActivator(
      Engine engine,
      BundleStore store,
      BundleLimits limits,
      @Nullable Consumer<AdapterBundle> trust,
      CostSettings costs,
      TaskListener listener,
      ActivationListener changes) {
    this.engine = requireNonNull(engine, "engine");
    this.store = requireNonNull(store, "store");
    this.limits = requireNonNull(limits, "limits");
    this.trust = trust;
    this.costs = requireNonNull(costs, "costs");
    this.listener = requireNonNull(listener, "listener");
    this.changes = requireNonNull(changes, "changes");
    this.gate = new ProbeGate(engine);
    this.identity = EngineIdentity.of(engine);
  }

  /**
   * Makes every task serve that the store has an active bundle for. Bundles that this very engine
   * has found true before are not probed again.
   */
  public void restore() {
    store.proven(identity).forEach(gate::remember);
    for (TaskState task : store.tasks()) {
      Digest active = task.active();
      if (active == null) {
        continue;
      }
      try {
        AdapterBundle bundle = servable(active);
        try (Built built = engine.build(task.name(), bundle)) {
          gate.require(built.task(), bundle);
          engine.tasks().swap(built.take());
        }
        listener.serving(task.name(), true);
      } catch (RuntimeException e) {
        // Whatever is wrong with one task, the others serve.
        Throwable trace = e instanceof SluiceException ? null : e;
        log.error("task \"{}\" does not serve: {}", task.name(), e.getMessage(), trace);
        listener.serving(task.name(), false);
      }
    }
  }

  /**
   * Checks the bytes of a bundle and keeps them as a revision of {@code task}. While the disk
   * writes, the bundle is built and probed, since what is registered is mostly activated next.
   *
   * @param expected what the bytes must be; null for anything
   */
  public Registered register(String task, byte[] bytes, @Nullable Digest expected) {
    return told(Action.REGISTER, task, () -> keep(task, bytes, expected));
  }

  private Registered keep(String task, byte[] bytes, @Nullable Digest expected) {
    TaskName.require(task);
    AdapterBundle bundle = BundleReader.read(bytes, limits);
    if (expected != null && !expected.equals(bundle.digest())) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          "bundle: digest " + bundle.digest() + " (expected: " + expected + ")");
    }
    requireServable(bundle);
    if (gate.passed(bundle.digest()) != null) {
      return store.register(task, bundle);
    }
    return writes.beside(() -> store.register(task, bundle), () -> prepare(task, bundle));
  }

  /** What an activation will do first: with the weights at hand it is one write and one swap. */
  private void prepare(String task, AdapterBundle bundle) {
    try (Built built = engine.build(task, bundle)) {
      gate.require(built.task(), bundle);
      engine.keep(built);
    } catch (RuntimeException e) {
      // Not what was asked for; whoever activates the bundle is told.
      log.debug("task \"{}\": bundle {} not prepared", task, bundle.digest(), e);
    }
  }

  /**
   * Makes a stored revision of {@code task} answer for it; if anything fails, what served before
   * goes on serving.
   */
  public Activated activate(String task, Digest digest, ExpectedActive expected) {
    requireNonNull(expected, "expected");
    return told(Action.ACTIVATE, task, () -> bringIn(task, digest, expected));
  }

  private Activated bringIn(String task, Digest digest, ExpectedActive expected) {
    TaskState before = store.task(task);
    if (before.revision(digest).isEmpty()) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          "task \""
              + task
              + "\": bundle "
              + digest
              + " (expected: one of its "
              + before.revisions().size()
              + " revisions)");
    }
    expected.require(task, before.active());
    return bringIn(
        task,
        digest,
        difference -> {
          Digest active = store.task(task).active();
          expected.require(task, active);
          store.activate(task, digest, active, new Proof(identity, difference));
          return active;
        });
  }

  /** Makes the bundle answer that did before the present one; fails as an activation does. */
  public Activated rollback(String task, ExpectedActive expected) {
    requireNonNull(expected, "expected");
    return told(Action.ROLLBACK, task, () -> bringBack(task, expected));
  }

  private Activated bringBack(String task, ExpectedActive expected) {
    TaskState before = store.task(task);
    expected.require(task, before.active());
    Digest target = rollbackTarget(before);
    return bringIn(
        task,
        target,
        difference -> {
          TaskState now = store.task(task);
          expected.require(task, now.active());
          if (!rollbackTarget(now).equals(target)) {
            throw new SluiceException(
                ErrorCode.ABORTED,
                "task \""
                    + task
                    + "\": changed meanwhile (expected: active "
                    + before.active()
                    + ")");
          }
          store.rollback(task, now.active());
          return now.active();
        });
  }

  /**
   * Takes a task out of service and forgets it; requests that were admitted are answered. Bundles
   * that no other task has are deleted after the last of those requests.
   */
  public Retired retire(String task, ExpectedActive expected) {
    requireNonNull(expected, "expected");
    return told(Action.RETIRE, task, () -> takeOut(task, expected));
  }

  private Retired takeOut(String task, ExpectedActive expected) {
    TaskState before;
    LiveTasks.Removed removed;
    synchronized (lockOf(task)) {
      Digest active = store.task(task).active();
      expected.require(task, active);
      before = store.retireTask(task, active);
      removed = engine.retire(task);
      listener.retired(task);
    }
    CollectedBundles collected =
        awaitLastLease(task, removed) ? collected(task) : new CollectedBundles(List.of(), 0);
    return new Retired(before, removed.generation(), collected);
  }

  /** The task is gone already: files that cannot be deleted now are deleted with the next. */
  private CollectedBundles collected(String task) {
    try {
      return store.collect();
    } catch (SluiceException e) {
      log.warn("task \"{}\": retired, its bundles not deleted yet: {}", task, e.getMessage());
      return new CollectedBundles(List.of(), 0);
    }
  }

  /**
   * Waits for the last request. A server that is about to close waits for those itself, and has its
   * store collect when it is opened again.
   *
   * @return whether the files may go
   */
  private boolean awaitLastLease(String task, LiveTasks.Removed removed) {
    CompletableFuture<Void> freed = removed.freed().toCompletableFuture();
    try {
      CompletableFuture.anyOf(freed, engine.refusing())
          .get(LAST_LEASE.toSeconds(), TimeUnit.SECONDS);
      return freed.isDone();
    } catch (TimeoutException e) {
      log.warn("task \"{}\": retired, and still in use after {}", task, LAST_LEASE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("task \"" + task + "\": not freed", e);
    }
  }

  /**
   * Takes a task out of service until it is activated again, or until the server starts again: the
   * store goes on saying what is active. Requests admitted before are answered.
   */
  public void withdraw(String task) {
    synchronized (lockOf(task)) {
      store.task(task);
      engine.retire(task);
      listener.serving(task, false);
    }
  }

  /** The task of that name as stored. */
  public TaskState task(String name) {
    return store.task(name);
  }

  /** All tasks as stored, by name. */
  public List<TaskState> tasks() {
    return store.tasks();
  }

  public Engine engine() {
    return engine;
  }

  /** By which prices bundles are judged, and what they may cost. */
  public CostSettings costs() {
    return costs;
  }

  private <T> T told(Action action, String task, Supplier<T> change) {
    long startNanos = System.nanoTime();
    RuntimeException failure = null;
    try {
      return change.get();
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      changes.over(action, task, failure, System.nanoTime() - startNanos);
    }
  }

  /** Records a change in the store and returns what was active before it. */
  private interface Change {
    /**
     * @param difference what the probe has found
     */
    @Nullable Digest record(double difference);
  }

  private Activated bringIn(String task, Digest digest, Change change) {
    long startNanos = System.nanoTime();
    Double known = gate.passed(digest);
    if (known != null) {
      Built recalled = engine.recall(task, digest);
      if (recalled != null) {
        try (recalled) {
          if (trust != null) {
            // Which keys are trusted may have changed since.
            trust.accept(store.load(digest));
          }
          return swap(recalled, known, change, startNanos, System.nanoTime());
        }
      }
    }
    AdapterBundle bundle = servable(digest);
    try (Built built = engine.build(task, bundle)) {
      long builtNanos = System.nanoTime();
      double difference = gate.require(built.task(), bundle);
      return swap(built, difference, change, startNanos, builtNanos);
    }
  }

  private Activated swap(
      Built built, double difference, Change change, long startNanos, long builtNanos) {
    Duration probe = Duration.ofNanos(System.nanoTime() - builtNanos);
    String task = built.task().name();
    Digest digest = built.task().digest();
    long residentBytes = built.task().residentBytes();
    Digest previous;
    long generation;
    synchronized (lockOf(task)) {
      previous = change.record(difference);
      generation = engine.tasks().swap(built.take());
      listener.serving(task, true);
    }
    return new Activated(
        generation,
        digest,
        previous,
        built.compiledStructures(),
        residentBytes,
        difference,
        Duration.ofNanos(builtNanos - startNanos),
        probe);
  }

  private Object lockOf(String task) {
    return locks[Math.floorMod(task.hashCode(), LOCKS)];
  }

  private static Digest rollbackTarget(TaskState state) {
    return state
        .rollbackTarget()
        .orElseThrow(
            () ->
                new SluiceException(
                    ErrorCode.FAILED_PRECONDITION,
                    "task \""
                        + state.name()
                        + "\": nothing was active before "
                        + state.active()
                        + " (expected: an earlier activation to go back to)"));
  }

  private AdapterBundle servable(Digest digest) {
    AdapterBundle bundle = store.load(digest);
    requireServable(bundle);
    return bundle;
  }

  private void requireServable(AdapterBundle bundle) {
    if (trust != null) {
      trust.accept(bundle);
    }
    Backbone backbone = engine.backbone();
    bundle.requireBackbone(backbone.digest(), backbone.name());
    Manifest manifest = bundle.manifest();
    if (ABOUT_PASSAGES.contains(manifest.kind()) && manifest.textFields().size() != 2) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          bundle
              + ": text fields "
              + manifest.textFields()
              + " (expected: 2, a question and a passage, for kind "
              + manifest.kind()
              + ")");
    }
    if (manifest.kind() == TaskKind.ANSWER_BOOLEAN) {
      BooleanLabels.indexOfYes(manifest.labels());
    }
    costs.require(bundle);
  }
}
