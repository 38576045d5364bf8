package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.TaskKind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One change of the tasks, written to the database and noted for memory alike. It sees what changes
 * before it have made, committed or not. Guarded by the lock of {@link TaskLedger}.
 */
final class TaskChange {
  private final TaskDatabase database;
  private final Map<String, TaskState> committed;
  private final Map<String, Optional<TaskState>> before;
  private final Map<String, Optional<TaskState>> own = new HashMap<>();
  private final Set<Digest> dropped = new HashSet<>();
  private final Set<Digest> collected = new HashSet<>();

  /**
   * @param before what changes of the same group have made; empty for tasks that are gone
   */
  TaskChange(
      TaskDatabase database,
      Map<String, TaskState> committed,
      Map<String, Optional<TaskState>> before) {
    this.database = database;
    this.committed = committed;
    this.before = before;
  }

  @Nullable TaskState find(String name) {
    Optional<TaskState> changed = own.getOrDefault(name, before.get(name));
    return changed == null ? committed.get(name) : changed.orElse(null);
  }

  TaskState required(String name) {
    TaskState state = find(name);
    if (state == null) {
      throw TaskChecks.unknown(name);
    }
    return state;
  }

  TaskState create(String name, TaskKind kind, Revision first) throws SQLException {
    database.insertTask(name, kind);
    database.insertRevision(name, first);
    return noted(TaskState.of(name, kind, first));
  }

  TaskState add(TaskState state, Revision revision) throws SQLException {
    database.touch(state.name());
    database.insertRevision(state.name(), revision);
    return noted(state.with(revision));
  }

  TaskState setRetired(TaskState state, Digest digest, boolean retired) throws SQLException {
    database.touch(state.name());
    database.setRetired(state.name(), digest, retired);
    return noted(state.withRetired(digest, retired));
  }

  TaskState activate(
      TaskState state, Digest digest, Activation.Cause cause, Instant at, int keptActivations)
      throws SQLException {
    database.touch(state.name());
    database.activate(state.name(), digest, cause, at);
    TaskState next = state.activated(digest, cause, at, keptActivations);
    if (next.history().size() <= state.history().size()) {
      database.deleteActivationsBefore(state.name(), next.history().get(0).version());
    }
    return noted(next);
  }

  void prove(Digest digest, Proof proof) throws SQLException {
    database.putProof(digest, proof);
  }

  Map<Digest, Double> proofs(String engine) throws SQLException {
    return database.proofs(engine);
  }

  /** Forgets revisions, and their bundles unless another task has them. */
  TaskState drop(TaskState state, Collection<Digest> digests) throws SQLException {
    for (Digest digest : digests) {
      database.deleteRevision(state.name(), digest);
      dropped.add(digest);
    }
    return noted(state.without(digests));
  }

  /** Forgets a task, and its bundles unless another task has them. */
  void remove(TaskState state) throws SQLException {
    database.deleteTask(state.name());
    state.revisions().forEach(revision -> dropped.add(revision.digest()));
    own.put(state.name(), Optional.empty());
  }

  boolean isReferenced(Digest digest) throws SQLException {
    return database.isReferenced(digest);
  }

  /** Notes that the file of {@code digest} is gone. */
  void deleted(Digest digest) throws SQLException {
    database.deleteProof(digest);
    collected(digest);
  }

  /** Notes that nothing is to be deleted any more for {@code digest}. */
  void collected(Digest digest) throws SQLException {
    database.deleteGarbage(digest);
    collected.add(digest);
  }

  /** What the change has made of tasks; empty for those that are gone. */
  Map<String, Optional<TaskState>> tasks() {
    return own;
  }

  Set<Digest> dropped() {
    return dropped;
  }

  Set<Digest> collected() {
    return collected;
  }

  private TaskState noted(TaskState state) {
    own.put(state.name(), Optional.of(state));
    return state;
  }
}
