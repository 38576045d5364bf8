package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.gate.BudgetSubject;
import io.sluice.trainer.gate.Constraint;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.SearchSpace;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What each candidate costs and what all may cost together, by each constraint of a budget. Where
 * one of several has to stand for all, it is the tightest.
 *
 * @param constraints the tightest first: least limit for what all candidates cost
 */
record BudgetPlan(List<Constraint> constraints) {
  BudgetPlan {
    constraints =
        constraints.stream()
            .sorted((one, other) -> Double.compare(tightness(one), tightness(other)))
            .toList();
  }

  /**
   * Sets a budget against a search space.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if not even one candidate fits, naming for
   *     every limit that is too low the least that would do
   */
  static BudgetPlan of(Budget budget, SearchSpace space, Backbone backbone) {
    BudgetSubject subject = subject(space, backbone);
    List<Constraint> constraints = budget.constraints(subject);
    requireFeasible(budget.parts(), constraints, subject);
    return new BudgetPlan(constraints);
  }

  /** Sets a budget against a search space of which perhaps no candidate fits. */
  static BudgetPlan unchecked(Budget budget, SearchSpace space, Backbone backbone) {
    return new BudgetPlan(budget.constraints(subject(space, backbone)));
  }

  private static BudgetSubject subject(SearchSpace space, Backbone backbone) {
    return new BudgetSubject(
        space.candidates().stream().map(candidate -> item(candidate, backbone)).toList(),
        backbone.parameters());
  }

  private static BudgetSubject.Item item(Candidate candidate, Backbone backbone) {
    return new BudgetSubject.Item(
        candidate.point(),
        candidate.kind().code(),
        candidate.kind().rank(),
        candidate.kind().parameterCount(backbone.hiddenSize()));
  }

  private static void requireFeasible(
      List<Budget> parts, List<Constraint> constraints, BudgetSubject subject) {
    List<String> problems = new ArrayList<>();
    for (int c = 0; c < constraints.size(); c++) {
      Constraint constraint = constraints.get(c);
      if (constraint.limit() < constraint.least()) {
        problems.add(parts.get(c).shortfall(constraint, constraint.least(), subject));
      }
    }
    if (problems.isEmpty() && least(constraints, null).isEmpty()) {
      for (int c = 0; c < constraints.size(); c++) {
        Constraint constraint = constraints.get(c);
        OptionalLong least = least(constraints, constraint);
        if (least.isPresent()) {
          problems.add(
              "beside the other limits, "
                  + parts.get(c).shortfall(constraint, least.getAsLong(), subject));
        }
      }
      if (problems.isEmpty()) {
        problems.add("no candidate fits all limits (expected: limits that leave one)");
      }
    }
    if (!problems.isEmpty()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "budget: " + String.join("; ", problems));
    }
  }

  /** The least cost, by a constraint, of a candidate that all the others let pass. */
  private static OptionalLong least(List<Constraint> constraints, @Nullable Constraint by) {
    return IntStream.range(0, constraints.get(0).size())
        .filter(
            i ->
                constraints.stream()
                    .allMatch(other -> other == by || other.alone(i) <= other.limit()))
        .mapToLong(i -> by == null ? 0 : by.alone(i))
        .min();
  }

  private static double tightness(Constraint constraint) {
    return (double) constraint.limit() / constraint.full();
  }

  /** The constraint that stands for all. */
  Constraint first() {
    return constraints.get(0);
  }

  /** Greatest total by the first constraint. */
  long limit() {
    return first().limit();
  }

  /** What the first constraint counts. */
  String unit() {
    return first().unit();
  }

  /** Cost of all candidates by the first constraint. */
  long full() {
    return first().full();
  }

  /** Number of candidates. */
  int size() {
    return first().size();
  }

  /**
   * What is in force of each constraint.
   *
   * @param left 1: everything; 0: the limit; between them along a line
   */
  double[] inForce(double left) {
    return constraints.stream()
        .mapToDouble(
            c ->
                c.limit() >= c.full()
                    ? (double) c.full()
                    : (double) c.limit() + left * ((double) c.full() - (double) c.limit()))
        .toArray();
  }

  /** Whether a structure is within every limit. */
  boolean allows(BitSet chosen) {
    return constraints.stream().allMatch(constraint -> constraint.of(chosen) <= constraint.limit());
  }
}
