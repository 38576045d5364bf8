package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.TaskKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task as it stood at one moment. Immutable.
 *
 * @param name the task's name, see {@link TaskName}
 * @param kind what it answers, the same for all its revisions
 * @param version grows by one with every change of this task: registration, activation, rollback,
 *     retirement
 * @param active digest of the active bundle, {@code null} when none was activated yet
 * @param revisions by ascending number
 * @param history activations, oldest first
 */
public record TaskState(
    String name,
    TaskKind kind,
    long version,
    @Nullable Digest active,
    List<Revision> revisions,
    List<Activation> history) {
  /** Copies the lists. */
  public TaskState {
    requireNonNull(name, "name");
    requireNonNull(kind, "kind");
    revisions = List.copyOf(revisions);
    history = List.copyOf(history);
  }

  /** The revision of that digest. */
  public Optional<Revision> revision(Digest digest) {
    return revisions.stream().filter(revision -> revision.digest().equals(digest)).findFirst();
  }

  /** The revision of that number. */
  public Optional<Revision> revision(int number) {
    return revisions.stream().filter(revision -> revision.number() == number).findFirst();
  }

  /**
   * The revision a rollback would make active: the last one before the active one that is another
   * and not retired. A rollback undoes an activation, so that a second rollback goes one further
   * back and does not return to what the first one left.
   */
  public Optional<Digest> rollbackTarget() {
    Deque<Digest> undo = new ArrayDeque<>();
    for (Activation activation : history) {
      if (activation.cause() == Activation.Cause.ROLLED_BACK) {
        while (!undo.isEmpty() && !undo.peek().equals(activation.digest())) {
          undo.pop();
        }
      }
      if (!activation.digest().equals(undo.peek())) {
        undo.push(activation.digest());
      }
    }
    Set<Digest> excluded = new HashSet<>();
    revisions.stream().filter(Revision::retired).forEach(r -> excluded.add(r.digest()));
    if (active != null) {
      excluded.add(active);
    }
    return undo.stream().filter(digest -> !excluded.contains(digest)).findFirst();
  }

  /** A task with its first revision. */
  static TaskState of(String name, TaskKind kind, Revision first) {
    return new TaskState(name, kind, 1, null, List.of(first), List.of());
  }

  /** The number of the next revision. */
  int nextNumber() {
    return revisions.get(revisions.size() - 1).number() + 1;
  }

  TaskState with(Revision revision) {
    List<Revision> more = new ArrayList<>(revisions);
    more.add(revision);
    return new TaskState(name, kind, version + 1, active, more, history);
  }

  TaskState withRetired(Digest digest, boolean retired) {
    List<Revision> changed = new ArrayList<>(revisions);
    changed.replaceAll(one -> one.digest().equals(digest) ? one.withRetired(retired) : one);
    return new TaskState(name, kind, version + 1, active, changed, history);
  }

  /** The oldest activations are left out where there are more than {@code kept}. */
  TaskState activated(Digest digest, Activation.Cause cause, Instant at, int kept) {
    List<Activation> longer = new ArrayList<>(history);
    longer.add(new Activation(version + 1, digest, active, cause, at));
    List<Activation> last = longer.subList(Math.max(0, longer.size() - kept), longer.size());
    return new TaskState(name, kind, version + 1, digest, revisions, last);
  }

  /** The same without revisions that are not active, and without their activations. */
  TaskState without(Collection<Digest> digests) {
    return new TaskState(
        name,
        kind,
        version,
        active,
        revisions.stream().filter(one -> !digests.contains(one.digest())).toList(),
        history.stream().filter(one -> !digests.contains(one.digest())).toList());
  }

  /**
   * The oldest revisions beyond {@code kept}, but for the active one, the one a rollback would go
   * back to, and the newest.
   */
  List<Digest> surplus(int kept) {
    int most = revisions.size() - kept;
    if (most <= 0) {
      return List.of();
    }
    Optional<Digest> target = rollbackTarget();
    return revisions.subList(0, revisions.size() - 1).stream()
        .map(Revision::digest)
        .filter(digest -> !digest.equals(active) && !Optional.of(digest).equals(target))
        .limit(most)
        .toList();
  }
}
