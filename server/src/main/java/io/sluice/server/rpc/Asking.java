package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.server.engine.Answer;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.PassageAnswer;
import io.sluice.server.engine.Visit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all methods have in common: requests checked against the limits, tasks leased and the engine
 * asked. Thread-safe; never blocks. A refusal is thrown, and what was leased for it given back.
 */
final class Asking {
  private final Engine engine;
  private final RequestLimits limits;

  Asking(Engine engine, RequestLimits limits) {
    this.engine = requireNonNull(engine, "engine");
    this.limits = requireNonNull(limits, "limits");
  }

  Engine engine() {
    return engine;
  }

  RequestLimits limits() {
    return limits;
  }

  /** Leases tasks of one snapshot, once names and texts have passed; the caller owns the leases. */
  List<Lease> lease(List<String> tasks, Texts texts) {
    require(tasks, texts);
    return engine.tasks().lease(tasks);
  }

  /** Requires that names and texts are such as can be asked about at all. */
  void require(List<String> tasks, Texts texts) {
    requireTasks(tasks);
    texts.requireWithin(limits);
  }

  /**
   * Asks about one text, or two together.
   *
   * @param leases taken over
   * @param visit the one this is part of; null if it is a request of its own
   * @param make the reply of the answers, in the order of the leases
   */
  <R> Pending<R> ask(
      List<Lease> leases,
      Texts texts,
      @Nullable Visit visit,
      @Nullable Long deadlineNanos,
      Function<List<Answer>, R> make) {
    try {
      leases.forEach(lease -> texts.requireSuit(lease.task()));
      return Pending.of(
          leases,
          engine.ask(leases, tenant(visit), texts.first(), texts.second(), visit, deadlineNanos),
          make);
    } catch (RuntimeException | Error e) {
      leases.forEach(Lease::close);
      throw e;
    }
  }

  /**
   * Asks about a passage of any length.
   *
   * @param lease taken over
   * @param texts two
   */
  <R> Pending<R> askPassage(
      Lease lease, Texts texts, @Nullable Long deadlineNanos, Function<PassageAnswer, R> make) {
    try {
      texts.requireSuit(lease.task());
      return Pending.of(
          List.of(lease),
          List.of(
              engine.askPassage(
                  lease,
                  tenant(null),
                  texts.first(),
                  requireNonNull(texts.second(), "passage"),
                  limits.maxWindows(),
                  deadlineNanos)),
          answers -> make.apply(answers.get(0)));
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  /**
   * The tenant of a part of a visit, or of the present call; empty where tenants have no shares.
   */
  String tenant(@Nullable Visit visit) {
    if (visit != null) {
      return visit.tenant();
    }
    return engine.sharesByTenants() ? Tenants.current() : "";
  }

  private void requireTasks(List<String> tasks) {
    if (tasks.isEmpty() || tasks.size() > limits.maxTasks()) {
      throw Texts.invalid(
          "tasks: " + tasks.size() + " (expected: 1 to " + limits.maxTasks() + " of them)");
    }
    Set<String> seen = new HashSet<>();
    for (String task : tasks) {
      if (task.isEmpty()) {
        throw Texts.invalid("task: \"\" (expected: the name of a task)");
      }
      if (!seen.add(task)) {
        throw Texts.invalid("tasks: \"" + task + "\" twice (expected: each once)");
      }
    }
  }
}
