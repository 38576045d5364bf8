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
import io.sluice.registry.store.Registered;
import io.sluice.registry.store.TaskName;
import io.sluice.registry.store.TaskState;
import io.sluice.server.engine.Built;
import io.sluice.server.engine.Engine;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
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

  private final Engine engine;
  private final BundleStore store;
  private final BundleLimits limits;
  private final ProbeGate gate;
  private final BiConsumer<String, Boolean> onServing;

  /*
   * Building and probing touch nothing that is live and need no lock. Recording and swapping are
   * one step under this lock, so the live tasks change in the order of the store. Recorded first:
   * after a crash in between the store serves the new bundle at restart, of which no client has
   * been told yet, whereas a reply by a bundle that is forgotten at restart could not be explained.
   * The swap after it is one assignment and cannot fail.
   */
  private final Object order = new Object();

  /**
   * @param limits for bundles that come in
   * @param onServing told of each task whether it serves
   */
  public TaskActivator(
      Engine engine,
      BundleStore store,
      BundleLimits limits,
      BiConsumer<String, Boolean> onServing) {
    this.engine = requireNonNull(engine, "engine");
    this.store = requireNonNull(store, "store");
    this.limits = requireNonNull(limits, "limits");
    this.onServing = requireNonNull(onServing, "onServing");
    this.gate = new ProbeGate(engine);
  }

  /** Makes every task serve that the store has an active bundle for. */
  public void restore() {
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
        onServing.accept(task.name(), true);
      } catch (RuntimeException e) {
        // Whatever is wrong with one task, the others serve.
        Throwable trace = e instanceof SluiceException ? null : e;
        log.error("task \"{}\" does not serve: {}", task.name(), e.getMessage(), trace);
        onServing.accept(task.name(), false);
      }
    }
  }

  /**
   * Checks the bytes of a bundle and keeps them as a revision of {@code task}.
   *
   * @param expected what the bytes must be; null for anything
   */
  public Registered register(String task, byte[] bytes, @Nullable Digest expected) {
    TaskName.require(task);
    AdapterBundle bundle = BundleReader.read(bytes, limits);
    if (expected != null && !expected.equals(bundle.digest())) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          "bundle: digest " + bundle.digest() + " (expected: " + expected + ")");
    }
    requireServable(bundle);
    return store.register(task, bundle);
  }

  /**
   * Makes a stored revision of {@code task} answer for it; if anything fails, what served before
   * goes on serving.
   */
  public Activated activate(String task, Digest digest, ExpectedActive expected) {
    requireNonNull(expected, "expected");
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
        () -> {
          Digest active = store.task(task).active();
          expected.require(task, active);
          store.activate(task, digest, active);
          return active;
        });
  }

  /** Makes the bundle answer that did before the present one; fails as an activation does. */
  public Activated rollback(String task, ExpectedActive expected) {
    requireNonNull(expected, "expected");
    TaskState before = store.task(task);
    expected.require(task, before.active());
    Digest target = rollbackTarget(before);
    return bringIn(
        task,
        target,
        () -> {
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

  /** Records a change in the store and returns what was active before it. */
  private interface Change {
    @Nullable Digest record();
  }

  private Activated bringIn(String task, Digest digest, Change change) {
    long startNanos = System.nanoTime();
    AdapterBundle bundle = servable(digest);
    try (Built built = engine.build(task, bundle)) {
      long builtNanos = System.nanoTime();
      double difference = gate.require(built.task(), bundle);
      Duration probe = Duration.ofNanos(System.nanoTime() - builtNanos);
      long residentBytes = built.task().residentBytes();
      Digest previous;
      long generation;
      synchronized (order) {
        previous = change.record();
        generation = engine.tasks().swap(built.take());
      }
      onServing.accept(task, true);
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
  }
}
