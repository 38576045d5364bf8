package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All tasks in memory and the one way to change them: a change that returned is on the disk, one
 * that threw left no trace. Thread-safe; reading waits for nobody.
 */
final class TaskLedger implements AutoCloseable {
  private static final int MOST_IN_A_GROUP = 256;

  private TaskDatabase database;
  private final NavigableMap<String, TaskState> tasks = new ConcurrentSkipListMap<>();
  private final Set<Digest> garbage = ConcurrentHashMap.newKeySet();

  /*
   * What a commit costs is the disk's, however much it carries. So whoever gets the lock makes the
   * changes of all who wait, one after the other, and commits them together; the others find theirs
   * done. Each change sees those before it, each can fail by itself, and nobody is told of success
   * before the commit. Memory follows the commit, so readers never see what is not on the disk.
   */
  private final Queue<PendingChange<?>> waiting = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Whether the database has failed since it was opened, and what it holds is to be read anew. */
  private boolean lost;

  /** Takes over {@code database}. */
  TaskLedger(TaskDatabase database) {
    this.database = database;
    try {
      load();
    } catch (SQLException e) {
      throw database.failed(e);
    }
  }

  private void load() throws SQLException {
    Map<String, TaskState> found = new HashMap<>();
    database.tasks().forEach(task -> found.put(task.name(), task));
    tasks.keySet().retainAll(found.keySet());
    tasks.putAll(found);
    garbage.clear();
    garbage.addAll(database.garbage());
    database.commit();
  }

  @Nullable TaskState find(String name) {
    return tasks.get(name);
  }

  /** By name. */
  Collection<TaskState> all() {
    return Collections.unmodifiableCollection(tasks.values());
  }

  /** Bundles to delete, if no task names them any more. */
  List<Digest> garbage() {
    return List.copyOf(garbage);
  }

  /** Makes a change and waits until it is on the disk. */
  <T> T change(Change<T> change) throws IOException {
    PendingChange<T> mine = new PendingChange<>(change);
    waiting.add(mine);
    lock.lock();
    try {
      while (!mine.isSettled()) {
        requireOpen();
        commitGroup();
      }
    } finally {
      lock.unlock();
    }
    return mine.result();
  }

  /** Runs {@code work} while nothing changes. */
  <T> T still(Reading<T> work) throws IOException {
    lock.lock();
    try {
      requireOpen();
      return work.read();
    } finally {
      lock.unlock();
    }
  }

  /** Changes under way end first, later ones are refused. A second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        if (lost) {
          database.abandon();
        } else {
          database.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void commitGroup() {
    Map<String, Optional<TaskState>> changed = new HashMap<>();
    Set<Digest> dropped = ConcurrentHashMap.newKeySet();
    Set<Digest> collected = ConcurrentHashMap.newKeySet();
    List<PendingChange<?>> group = new ArrayList<>();
    try {
      while (group.size() < MOST_IN_A_GROUP) {
        PendingChange<?> next = waiting.poll();
        if (next == null) {
          break;
        }
        group.add(next);
        recover();
        TaskChange made = new TaskChange(database, tasks, changed);
        if (next.run(made, database)) {
          changed.putAll(made.tasks());
          // The last word counts: what was deleted may have come and gone again since.
          dropped.removeAll(made.collected());
          collected.addAll(made.collected());
          collected.removeAll(made.dropped());
          dropped.addAll(made.dropped());
        }
      }
      database.commit();
    } catch (SQLException e) {
      fail(group, database.failed(e));
      return;
    } catch (SluiceException e) {
      fail(group, e);
      return;
    } catch (RuntimeException e) {
      fail(group, new SluiceException(ErrorCode.INTERNAL, "store: " + e, e));
      return;
    }
    changed.forEach(
        (name, state) ->
            state.ifPresentOrElse(now -> tasks.put(name, now), () -> tasks.remove(name)));
    garbage.addAll(dropped);
    garbage.removeAll(collected);
    group.forEach(PendingChange::settle);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("store: closed (expected: open)");
    }
  }

  /**
   * Opens the database again after a failure. On a full disk SQLite undoes a transaction by itself,
   * and no other is open then: what came next would be kept statement by statement.
   */
  private void recover() throws SQLException {
    if (lost) {
      database = database.reopen();
      load();
      lost = false;
    }
  }

  /** Nobody may be left waiting for a group that is not coming any more. */
  private void fail(List<PendingChange<?>> group, SluiceException because) {
    lost = true;
    group.forEach(change -> change.fail(because));
  }

  /** Writes through what it is given and throws to have it undone. */
  interface Change<T> {
    T make(TaskChange tasks) throws SQLException, IOException;
  }

  /** Looks and changes nothing. */
  interface Reading<T> {
    T read() throws IOException;
  }
}
