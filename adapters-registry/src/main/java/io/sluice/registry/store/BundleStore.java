package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tasks, their revisions and the bundles behind them, in one directory:
 *
 * <pre>
 *   store.lock                    held while open; says which process holds it
 *   store.db (-wal, -shm)         SQLite: tasks, revisions, activations
 *   blobs/sha256/ab/ab12...sluice bundles by digest
 * </pre>
 *
 * <p>A bundle's file is on the disk before any row names it, and a method that returned is durable:
 * a process may be killed at any moment and the store opens as after the last acknowledged change,
 * or one change later. Thread-safe; changes are made one at a time, {@link #load} waits for nobody.
 * After {@link #close} every method throws {@link IllegalStateException}.
 */
public final class BundleStore implements AutoCloseable {
  private final Path directory;
  private final InstantSource clock;
  private final StoreLock processLock;
  private final TaskDatabase database;
  private final BlobDirectory blobs;
  private final StoreReport opened;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean closed;

  private BundleStore(
      Path directory,
      InstantSource clock,
      StoreLock processLock,
      TaskDatabase database,
      BlobDirectory blobs,
      StoreReport opened) {
    this.directory = directory;
    this.clock = clock;
    this.processLock = processLock;
    this.database = database;
    this.blobs = blobs;
    this.opened = opened;
  }

  /**
   * Opens the store in {@code directory}, which is created if it is not there.
   *
   * <p>Removes temporary files and checks every registered bundle; damaged ones are told by {@link
   * #opened()} and refused when used, the rest works.
   *
   * @param limits for bundles read back
   * @param clock gives the times in the history
   * @throws SluiceException FAILED_PRECONDITION when another process has it open or a newer Sluice
   *     wrote it; DATA_LOSS when the database is broken
   */
  public static BundleStore open(Path directory, BundleLimits limits, InstantSource clock) {
    requireNonNull(limits, "limits");
    requireNonNull(clock, "clock");
    try {
      Files.createDirectories(directory);
      StoreLock processLock = StoreLock.acquire(directory);
      try {
        return open(directory, limits, clock, processLock);
      } catch (IOException | RuntimeException e) {
        processLock.close();
        throw e;
      }
    } catch (IOException e) {
      throw unavailable(directory, e);
    }
  }

  private static BundleStore open(
      Path directory, BundleLimits limits, InstantSource clock, StoreLock processLock)
      throws IOException {
    BlobDirectory blobs = new BlobDirectory(directory.resolve("blobs"), limits);
    List<Path> swept = StoreCheck.sweep(blobs);
    TaskDatabase database = TaskDatabase.open(directory.resolve("store.db"));
    try {
      DirectorySync.force(directory);
      StoreReport report = StoreCheck.report(blobs, database.transaction(database::digests), swept);
      return new BundleStore(directory, clock, processLock, database, blobs, report);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** What the check at opening found. */
  public StoreReport opened() {
    return opened;
  }

  /** Checks every registered bundle again. */
  public StoreReport verify() {
    return locked(
        () -> StoreCheck.report(blobs, database.transaction(database::digests), List.of()));
  }

  /**
   * Keeps the bundle as a revision of the task, which is created by its first one. Does not
   * activate it. The same bundle again changes nothing, but brings a retired revision or a lost
   * file back.
   *
   * @throws SluiceException INVALID_ARGUMENT for a name against the rule; FAILED_PRECONDITION when
   *     the task is of another kind than the bundle
   */
  public Registered register(String task, AdapterBundle bundle) {
    TaskName.require(task);
    requireNonNull(bundle, "bundle");
    return locked(
        () -> {
          database
              .transaction(() -> database.find(task))
              .ifPresent(state -> TaskChecks.requireKind(state, bundle));
          blobs.put(bundle);
          boolean added = database.transaction(() -> insert(task, bundle));
          TaskState state = required(task);
          return new Registered(state, state.revision(bundle.digest()).orElseThrow(), added);
        });
  }

  /** The task of that name; NOT_FOUND when there is none. */
  public TaskState task(String task) {
    return locked(() -> required(task));
  }

  /** All tasks by name. */
  public List<TaskState> tasks() {
    return locked(
        () ->
            database.transaction(
                () -> {
                  List<TaskState> tasks = new ArrayList<>();
                  for (String name : database.names()) {
                    tasks.add(database.find(name).orElseThrow());
                  }
                  return tasks;
                }));
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
    requireNonNull(digest, "digest");
    return locked(
        () -> {
          TaskState state = required(task);
          TaskChecks.requireActive(state, expectedActive);
          TaskChecks.requireNotRetired(state, TaskChecks.revision(state, digest));
          return change(state, digest, Activation.Cause.ACTIVATED);
        });
  }

  /**
   * Makes the revision active again that was so before the active one, see {@link
   * TaskState#rollbackTarget}.
   *
   * @param expectedActive as for {@link #activate}
   * @throws SluiceException FAILED_PRECONDITION when there is none; else as {@link #activate}
   */
  public TaskState rollback(String task, @Nullable Digest expectedActive) {
    return locked(
        () -> {
          TaskState state = required(task);
          TaskChecks.requireActive(state, expectedActive);
          Digest target = TaskChecks.rollbackTarget(state);
          return change(state, target, Activation.Cause.ROLLED_BACK);
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
    requireNonNull(digest, "digest");
    return locked(
        () -> {
          TaskState state = required(task);
          Revision revision = TaskChecks.revision(state, digest);
          TaskChecks.requireNotActive(state, revision);
          if (!revision.retired()) {
            database.transaction(
                () -> {
                  database.touch(task);
                  database.setRetired(task, digest, true);
                  return true;
                });
          }
          return required(task);
        });
  }

  /**
   * Reads a registered bundle, checking it whole.
   *
   * @throws SluiceException NOT_FOUND when no task has it; DATA_LOSS when its file is missing or
   *     damaged; UNAVAILABLE when it cannot be read now
   */
  public AdapterBundle load(Digest digest) {
    requireNonNull(digest, "digest");
    requireOpen();
    try {
      AdapterBundle bundle = blobs.read(digest);
      if (bundle.digest().equals(digest)) {
        return bundle;
      }
      throw damaged(
          blobs.file(digest) + ": digest " + bundle.digest() + " (expected: " + digest + ")", null);
    } catch (SluiceException e) {
      boolean known =
          locked(() -> database.transaction(() -> database.digests().containsKey(digest)));
      if (!known) {
        throw new SluiceException(
            ErrorCode.NOT_FOUND,
            directory + ": bundle " + digest + " (expected: one that is registered)",
            e);
      }
      boolean told = e.code() == ErrorCode.DATA_LOSS || e.code() == ErrorCode.UNAVAILABLE;
      throw told ? e : damaged(String.valueOf(e.getMessage()), e);
    }
  }

  /** Closes the database and lets other processes in; a second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        try {
          database.close();
        } finally {
          processLock.close();
        }
      }
    } catch (IOException e) {
      throw unavailable(directory, e);
    } finally {
      lock.unlock();
    }
  }

  /** Notes the bundle as a revision; returns whether it is new to the task. */
  private boolean insert(String task, AdapterBundle bundle) throws SQLException {
    TaskState state = database.find(task).orElse(null);
    if (state == null) {
      database.insertTask(task, bundle.manifest().kind());
      database.insertRevision(task, revision(1, bundle));
      return true;
    }
    Revision known = state.revision(bundle.digest()).orElse(null);
    if (known == null) {
      database.touch(task);
      database.insertRevision(task, revision(state.revisions().size() + 1, bundle));
      return true;
    }
    if (known.retired()) {
      database.touch(task);
      database.setRetired(task, bundle.digest(), false);
    }
    return false;
  }

  private Revision revision(int number, AdapterBundle bundle) {
    return new Revision(number, bundle.digest(), bundle.sizeBytes(), now(), false);
  }

  private TaskState change(TaskState state, Digest digest, Activation.Cause cause) {
    if (digest.equals(state.active())) {
      return state;
    }
    blobs
        .damage(digest)
        .ifPresent(
            reason -> {
              throw damaged(reason, null);
            });
    database.transaction(
        () -> {
          database.touch(state.name());
          database.activate(state.name(), digest, cause, now());
          return true;
        });
    return required(state.name());
  }

  private TaskState required(String task) {
    TaskName.require(task);
    return database
        .transaction(() -> database.find(task))
        .orElseThrow(() -> TaskChecks.unknown(task));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private <T> T locked(Change<T> change) {
    lock.lock();
    try {
      requireOpen();
      return change.run();
    } catch (IOException e) {
      throw unavailable(directory, e);
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("store: " + directory + " is closed (expected: open)");
    }
  }

  private static SluiceException damaged(String reason, @Nullable Throwable cause) {
    return new SluiceException(ErrorCode.DATA_LOSS, "stored bundle: " + reason, cause);
  }

  private static SluiceException unavailable(Path directory, IOException e) {
    return new SluiceException(
        ErrorCode.UNAVAILABLE,
        directory + ": " + e + " (expected: a directory that can be read and written)",
        e);
  }

  private interface Change<T> {
    T run() throws IOException;
  }
}
