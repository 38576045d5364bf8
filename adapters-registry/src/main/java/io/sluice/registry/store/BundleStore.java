package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks, their revisions and the bundles behind them, in one directory:
 *
 * <pre>
 *   store.lock                    held while open; says which process holds it
 *   store.db (-wal, -shm)         SQLite: tasks, revisions, activations, bundles to delete
 *   blobs/sha256/ab/ab12...sluice bundles by digest
 * </pre>
 *
 * <p>A bundle's file is on the disk before any row names it and is deleted after the last row that
 * did; a method that returned is durable: a process may be killed at any moment and the store opens
 * as after the last acknowledged change, or one change later. Thread-safe; {@link #register} writes
 * its file beside others, changes made at the same time share a write to the database, and reading
 * tasks waits for nobody. After {@link #close} every method throws {@link IllegalStateException}.
 */
public final class BundleStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BundleStore.class);

  private final Path directory;
  private final StoreSettings settings;
  private final InstantSource clock;
  private final StoreLock processLock;
  private final TaskLedger ledger;
  private final BlobDirectory blobs;
  private final StoreReport opened;
  private final boolean created;
  private final StoredBundles bundles;
  private volatile boolean closed;

  private BundleStore(
      Path directory,
      StoreSettings settings,
      InstantSource clock,
      StoreLock processLock,
      TaskLedger ledger,
      BlobDirectory blobs,
      StoreReport opened,
      boolean created) {
    this.directory = directory;
    this.settings = settings;
    this.clock = clock;
    this.processLock = processLock;
    this.ledger = ledger;
    this.blobs = blobs;
    this.opened = opened;
    this.created = created;
    this.bundles = new StoredBundles(directory, blobs, ledger, settings.readBundleBytes());
  }

  /** Opens the store in {@code directory} with the default settings. */
  public static BundleStore open(Path directory, BundleLimits limits, InstantSource clock) {
    return open(directory, limits, StoreSettings.defaults(), clock);
  }

  /**
   * Opens the store in {@code directory}, which is created if it is not there.
   *
   * <p>Removes temporary files and bundles that were to be deleted, and checks every registered
   * bundle; damaged ones are told by {@link #opened()} and refused when used, the rest works.
   *
   * @param limits for bundles read back
   * @param clock gives the times in the history
   * @throws SluiceException FAILED_PRECONDITION when another process has it open or a newer Sluice
   *     wrote it; DATA_LOSS when the database is broken
   */
  public static BundleStore open(
      Path directory, BundleLimits limits, StoreSettings settings, InstantSource clock) {
    requireNonNull(limits, "limits");
    requireNonNull(settings, "settings");
    requireNonNull(clock, "clock");
    try {
      Folders.make(directory);
      StoreLock processLock = StoreLock.acquire(directory);
      try {
        return open(directory, limits, settings, clock, processLock);
      } catch (IOException | RuntimeException e) {
        processLock.close();
        throw e;
      }
    } catch (IOException e) {
      throw unavailable(directory, e);
    }
  }

  /**
   * Fails as {@link #open} would if another process has the store open; makes nothing where there
   * is none.
   */
  public static void requireFree(Path directory) {
    if (Files.exists(directory.resolve(StoreLock.FILE))) {
      try {
        StoreLock.acquire(directory).close();
      } catch (IOException e) {
        throw unavailable(directory, e);
      }
    }
  }

  private static BundleStore open(
      Path directory,
      BundleLimits limits,
      StoreSettings settings,
      InstantSource clock,
      StoreLock processLock)
      throws IOException {
    BlobDirectory blobs = new BlobDirectory(directory.resolve("blobs"), limits);
    List<Path> swept = StoreCheck.sweep(blobs);
    Path tables = directory.resolve("store.db");
    boolean created = Files.notExists(tables);
    TaskDatabase database = TaskDatabase.open(tables);
    try {
      DurableFiles.sync(directory);
      TaskLedger ledger = new TaskLedger(database);
      BlobCollection.collect(ledger, blobs, new BlobPins());
      StoreReport report = StoreCheck.report(blobs, ledger.all(), swept);
      return new BundleStore(
          directory, settings, clock, processLock, ledger, blobs, report, created);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** What the check at opening found. */
  public StoreReport opened() {
    return opened;
  }

  /** Whether there was no store in the directory before this one was opened, and no task yet. */
  public boolean isNew() {
    return created && tasks().isEmpty();
  }

  /** Reads every registered bundle again and checks it. */
  public StoreReport verify() {
    return disk(() -> ledger.still(() -> StoreCheck.report(blobs, ledger.all(), List.of())));
  }

  /**
   * Keeps the bundle as a revision of the task, which is created by its first one. Does not
   * activate it. The same bundle again changes nothing, but brings a retired revision or a lost
   * file back. Of more revisions than the settings keep, the oldest are deleted.
   *
   * @throws SluiceException INVALID_ARGUMENT for a name against the rule; FAILED_PRECONDITION when
   *     the task is of another kind than the bundle
   */
  public Registered register(String task, AdapterBundle bundle) {
    TaskName.require(task);
    requireNonNull(bundle, "bundle");
    return disk(
        () -> {
          TaskState known = ledger.find(task);
          if (known != null) {
            TaskChecks.requireKind(known, bundle);
          }
          Registered registered =
              bundles.keep(bundle, () -> ledger.change(tasks -> insert(tasks, task, bundle)));
          collectLater();
          return registered;
        });
  }

  /** The task of that name; NOT_FOUND when there is none. */
  public TaskState task(String task) {
    TaskName.require(task);
    requireOpen();
    TaskState state = ledger.find(task);
    if (state == null) {
      throw TaskChecks.unknown(task);
    }
    return state;
  }

  /** All tasks by name. */
  public List<TaskState> tasks() {
    requireOpen();
    return List.copyOf(ledger.all());
  }

  /**
   * Makes a registered revision the active one; does nothing when it already is.
   *
   * @param expectedActive what the caller believes to be active, {@code null} for no matter what
   * @throws SluiceException ABORTED when another one is active than expected; NOT_FOUND for a task
   *     or revision unknown; FAILED_PRECONDITION for a retired revision; DATA_LOSS when its bundle
   *     is damaged
   */
  public TaskState activate(String task, Digest digest, @Nullable Digest expectedActive) {
    return activate(task, digest, expectedActive, null);
  }

  /**
   * As {@link #activate(String, Digest, Digest)}, and keeps how the bundle came to be trusted, in
   * the same write.
   */
  public TaskState activate(
      String task, Digest digest, @Nullable Digest expectedActive, @Nullable Proof proof) {
    TaskName.require(task);
    requireNonNull(digest, "digest");
    return change(
        tasks -> {
          TaskState state = tasks.required(task);
          TaskChecks.requireActive(state, expectedActive);
          TaskChecks.requireNotRetired(state, TaskChecks.revision(state, digest));
          if (proof != null) {
            tasks.prove(digest, proof);
          }
          return activate(tasks, state, digest, Activation.Cause.ACTIVATED);
        });
  }

  /** The bundles that {@code engine} has found true, and by how much each was off. */
  public Map<Digest, Double> proven(String engine) {
    requireNonNull(engine, "engine");
    return disk(() -> ledger.change(tasks -> tasks.proofs(engine)));
  }

  /**
   * Makes the revision active again that was so before the active one, see {@link
   * TaskState#rollbackTarget}.
   *
   * @param expectedActive as for {@link #activate}
   * @throws SluiceException FAILED_PRECONDITION when there is none; else as {@link #activate}
   */
  public TaskState rollback(String task, @Nullable Digest expectedActive) {
    TaskName.require(task);
    return change(
        tasks -> {
          TaskState state = tasks.required(task);
          TaskChecks.requireActive(state, expectedActive);
          Digest target = TaskChecks.rollbackTarget(state);
          return activate(tasks, state, target, Activation.Cause.ROLLED_BACK);
        });
  }

  /** As {@link #rollback(String, Digest)}, whatever is active. */
  public TaskState rollback(String task) {
    return rollback(task, null);
  }

  /**
   * Takes a revision out of use for good, until it is registered again; its file and history stay.
   *
   * @throws SluiceException FAILED_PRECONDITION while it is active; NOT_FOUND when unknown
   */
  public TaskState retire(String task, Digest digest) {
    TaskName.require(task);
    requireNonNull(digest, "digest");
    return change(
        tasks -> {
          TaskState state = tasks.required(task);
          Revision revision = TaskChecks.revision(state, digest);
          TaskChecks.requireNotActive(state, revision);
          return revision.retired() ? state : tasks.setRetired(state, digest, true);
        });
  }

  /**
   * Forgets the task with its revisions and its history. The files of its bundles stay until {@link
   * #collect}.
   *
   * @param expectedActive as for {@link #activate}
   * @return the task as it was
   * @throws SluiceException NOT_FOUND when there is none; ABORTED when another revision is active
   *     than expected
   */
  public TaskState retireTask(String task, @Nullable Digest expectedActive) {
    TaskName.require(task);
    return change(
        tasks -> {
          TaskState state = tasks.required(task);
          TaskChecks.requireActive(state, expectedActive);
          tasks.remove(state);
          return state;
        });
  }

  /**
   * Deletes the files of bundles that were revisions and are none of any task any more. What is not
   * deleted, because its registration is under way or the process dies, is the next time.
   */
  public CollectedBundles collect() {
    return disk(bundles::collect);
  }

  /**
   * A registered bundle, checked whole: read, unless it is in memory and its file is untouched.
   *
   * @throws SluiceException NOT_FOUND when no task has it; DATA_LOSS when its file is missing or
   *     damaged; UNAVAILABLE when it cannot be read now
   */
  public AdapterBundle load(Digest digest) {
    requireNonNull(digest, "digest");
    requireOpen();
    return bundles.load(digest);
  }

  /** Closes the database and lets other processes in; a second call does nothing. */
  @Override
  public void close() {
    closed = true;
    try {
      try {
        ledger.close();
      } finally {
        processLock.close();
      }
    } catch (IOException e) {
      throw unavailable(directory, e);
    }
  }

  /** What cannot be deleted now is tried again the next time. */
  private void collectLater() {
    try {
      collect();
    } catch (SluiceException e) {
      LOG.warn("{}: bundles not deleted yet: {}", directory, e.getMessage());
    }
  }

  private Registered insert(TaskChange tasks, String task, AdapterBundle bundle)
      throws SQLException {
    TaskState state = tasks.find(task);
    if (state == null) {
      Revision first = revision(1, bundle);
      return new Registered(tasks.create(task, bundle.manifest().kind(), first), first, true);
    }
    TaskChecks.requireKind(state, bundle);
    Revision known = state.revision(bundle.digest()).orElse(null);
    if (known == null) {
      Revision next = revision(state.nextNumber(), bundle);
      TaskState more = tasks.add(state, next);
      TaskState kept = tasks.drop(more, more.surplus(settings.keptRevisions()));
      return new Registered(kept, next, true);
    }
    if (known.retired()) {
      state = tasks.setRetired(state, bundle.digest(), false);
    }
    return new Registered(state, state.revision(bundle.digest()).orElseThrow(), false);
  }

  private Revision revision(int number, AdapterBundle bundle) {
    return new Revision(number, bundle.digest(), bundle.sizeBytes(), now(), false);
  }

  private TaskState activate(
      TaskChange tasks, TaskState state, Digest digest, Activation.Cause cause)
      throws SQLException {
    if (digest.equals(state.active())) {
      return state;
    }
    // Who makes it active holds it in a form of his own.
    bundles.release(digest);
    return tasks.activate(state, digest, cause, now(), settings.keptActivations());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private TaskState change(TaskLedger.Change<TaskState> change) {
    return disk(() -> ledger.change(change));
  }

  private <T> T disk(DiskWork<T> work) {
    requireOpen();
    try {
      return work.run();
    } catch (IOException e) {
      throw unavailable(directory, e);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("store: " + directory + " is closed (expected: open)");
    }
  }

  private static SluiceException unavailable(Path directory, IOException e) {
    return new SluiceException(
        ErrorCode.UNAVAILABLE,
        directory + ": " + e + " (expected: a directory that can be read and written)",
        e);
  }

  private interface DiskWork<T> {
    T run() throws IOException;
  }
}
