package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tasks that may be asked now. Thread-safe; reading takes no lock. */
public final class LiveTasks implements AutoCloseable {
  /*
   * One immutable snapshot behind one volatile reference, written under this object's lock. A
   * request reads the reference once, retains its task and works with that to the end, so a swap is
   * never seen half-way. The snapshot itself holds one use of each of its tasks; a swap sets the
   * new snapshot first and gives up the old task's use after. A reader that came between may find
   * the count at zero already: then a newer snapshot is certainly in place, so it reads again. The
   * count never rises from zero, so what the last user closes stays closed.
   */
  private volatile Snapshot current = Snapshot.EMPTY;

  private final Consumer<LoadedTask> whenReplaced;

  /** Frees what is replaced. */
  LiveTasks() {
    this(LoadedTask::release);
  }

  /**
   * @param whenReplaced takes over the use of a task that another has taken the place of
   */
  LiveTasks(Consumer<LoadedTask> whenReplaced) {
    this.whenReplaced = requireNonNull(whenReplaced, "whenReplaced");
  }

  /** Leases what {@code name} stands for now. */
  public Lease lease(String name) {
    return lease(List.of(name)).get(0);
  }

  /** Leases what the names stand for in one and the same snapshot, in their order; all or none. */
  public List<Lease> lease(List<String> names) {
    while (true) {
      List<Lease> leases = lease(names, current);
      if (leases.size() == names.size()) {
        return leases;
      }
      leases.forEach(Lease::close);
    }
  }

  /** Leases those of the names that stand for anything, in one and the same snapshot. */
  public Map<String, Lease> leaseKnown(Set<String> names) {
    while (true) {
      Snapshot snapshot = current;
      List<String> known = names.stream().filter(name -> snapshot.task(name) != null).toList();
      List<Lease> leases = lease(known, snapshot);
      if (leases.size() == known.size()) {
        return leases.stream()
            .collect(Collectors.toMap(lease -> lease.task().name(), lease -> lease));
      }
      leases.forEach(Lease::close);
    }
  }

  /** Leases names in their order until one is found that nobody can lease any more. */
  private static List<Lease> lease(List<String> names, Snapshot snapshot) {
    List<Lease> leases = new ArrayList<>(names.size());
    for (String name : names) {
      LoadedTask task = snapshot.task(name);
      if (task == null) {
        leases.forEach(Lease::close);
        throw unknown(name);
      }
      if (!task.tryRetain()) {
        return leases;
      }
      leases.add(new Lease(task, snapshot.generation()));
    }
    return leases;
  }

  /** The refusal of a name that stands for nothing. */
  public static SluiceException unknown(String name) {
    return new SluiceException(
        ErrorCode.NOT_FOUND, "task: \"" + name + "\" (expected: a task with an active bundle)");
  }

  /**
   * Puts {@code task} in the place of its name; its first use passes to this object.
   *
   * @return the generation from which on requests get it
   */
  public long swap(LoadedTask task) {
    requireNonNull(task, "task");
    LoadedTask replaced;
    long generation;
    synchronized (this) {
      Snapshot before = current;
      replaced = before.task(task.name());
      current = before.with(task);
      generation = current.generation();
    }
    if (replaced == task) {
      task.release();
    } else if (replaced != null) {
      whenReplaced.accept(replaced);
    }
    return generation;
  }

  /**
   * A task that is no longer live.
   *
   * @param generation the first without it
   * @param freed completed when the last lease on it has closed
   */
  public record Removed(long generation, CompletionStage<Void> freed) {
    public Removed {
      requireNonNull(freed, "freed");
    }
  }

  /** Takes {@code name} out; what is leased lives until its lease closes. */
  public Removed remove(String name) {
    LoadedTask removed;
    long generation;
    synchronized (this) {
      removed = current.task(name);
      if (removed != null) {
        current = current.without(name);
      }
      generation = current.generation();
    }
    if (removed == null) {
      return new Removed(generation, CompletableFuture.completedFuture(null));
    }
    removed.release();
    return new Removed(generation, removed.freed());
  }

  /** One more use of what is live under {@code name}, if it is that bundle. */
  @Nullable LoadedTask retained(String name, Digest digest) {
    LoadedTask task = current.task(name);
    return task != null && task.digest().equals(digest) && task.tryRetain() ? task : null;
  }

  /** Leases all there are now, by name. */
  public List<Lease> leaseAll() {
    return lease(current.tasks().keySet().stream().sorted().toList());
  }

  /** Whether {@code name} stands for something now. */
  public boolean has(String name) {
    return current.task(name) != null;
  }

  public long generation() {
    return current.generation();
  }

  /** Gives up every task; what is leased lives until its lease closes. */
  @Override
  public synchronized void close() {
    Snapshot last = current;
    current = new Snapshot(last.generation() + 1, Map.of());
    last.tasks().values().forEach(LoadedTask::release);
  }
}
