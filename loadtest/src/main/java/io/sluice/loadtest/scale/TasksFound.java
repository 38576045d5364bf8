package io.sluice.loadtest.scale;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.report.Spread;
import io.sluice.loadtest.vitals.Vitals;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A server with more and more tasks.
 *
 * @param structure what a task is, for people
 * @param weightBytes the weights of one task
 * @param empty the server before the first task
 * @param steps by ascending number of tasks
 * @param peer null when it was not measured
 */
public record TasksFound(
    String structure, long weightBytes, Vitals empty, List<Step> steps, @Nullable Peer peer) {
  public TasksFound {
    requireNonNull(structure, "structure");
    requireNonNull(empty, "empty");
    steps = List.copyOf(steps);
  }

  /**
   * The server at one number of tasks.
   *
   * @param tasks registered
   * @param registrations how long those since the last step took, from send to reply
   * @param registeringSeconds how long they took together, several at a time
   * @param compiled structures compiled for them
   * @param vitals the server's process before it is asked, garbage collected
   * @param settled the same after
   * @param one answers a second when all ask one task, by round
   * @param mix answers a second when all tasks are asked, by round
   * @param failures requests refused
   * @param wrong answers by a bundle that is not the task's
   */
  public record Step(
      int tasks,
      Latencies registrations,
      double registeringSeconds,
      int compiled,
      Vitals vitals,
      Vitals settled,
      List<Double> one,
      List<Double> mix,
      long failures,
      long wrong) {
    public Step {
      requireNonNull(registrations, "registrations");
      requireNonNull(vitals, "vitals");
      requireNonNull(settled, "settled");
      one = List.copyOf(one);
      mix = List.copyOf(mix);
    }

    /** What asking all tasks loses against asking one, round by round: 0.05 is 5 per cent. */
    public Spread loss() {
      return Spread.of(
          IntStream.range(0, one.size())
              .mapToObj(round -> 1 - mix.get(round) / one.get(round))
              .toList());
    }
  }

  /**
   * The same tasks as merged models, each in a plain session.
   *
   * @param sessions as many as fit
   * @param bytes what they take
   * @param full whether the memory limit ended it
   * @param rows rows a second of the plain sessions, by round
   * @param served answers a second of the server over the same tasks, by round
   */
  public record Peer(
      int sessions, long bytes, boolean full, List<Double> rows, List<Double> served) {
    public Peer {
      rows = List.copyOf(rows);
      served = List.copyOf(served);
    }
  }

  /** The step with the most tasks. */
  Step last() {
    return steps.get(steps.size() - 1);
  }

  /**
   * The step that memory is counted from: the second, where there are three, as until then the
   * process itself warms up; else the first. What it has made to answer those tasks is not the
   * tasks' either, so it is looked at once it has answered.
   */
  Step base() {
    return steps.get(steps.size() > 2 ? 1 : 0);
  }

  /** Memory of the server's process per task beyond the base, in bytes; 0 at the base. */
  double perTask() {
    int more = last().tasks() - base().tasks();
    long bytes = last().vitals().usedBytes() - base().settled().usedBytes();
    return more == 0 ? 0 : (double) bytes / more;
  }
}
