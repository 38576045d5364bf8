package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Input;
import io.sluice.trainer.gate.Budget;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The budgets of a sweep, in one way or the other. */
final class SweepBudgets {
  @Option(
      names = "--max-params",
      paramLabel = "SHARE|N",
      split = ",",
      converter = BudgetOptions.Parameters.class,
      description = "Falling budgets: 2.8%%,1.4%%,0.7%%,0.35%% of the backbone, the default.")
  private @Nullable List<Budget> parameters;

  @Option(
      names = "--max-points",
      paramLabel = "N",
      split = ",",
      description = "Falling budgets: so many adapters, as 12,6,3.")
  private @Nullable List<Integer> points;

  /** As a sweep goes when nothing is said. */
  static List<Budget> defaults() {
    return List.of(
        new Budget.ParameterShare(0.028),
        new Budget.ParameterShare(0.014),
        new Budget.ParameterShare(0.007),
        new Budget.ParameterShare(0.0035));
  }

  List<Budget> budgets() {
    List<Budget> stated = parameters;
    List<Integer> counts = points;
    if (stated != null) {
      return stated;
    }
    return counts == null
        ? defaults()
        : Input.checked(
            () -> counts.stream().<Budget>map(count -> new Budget.Points(count)).toList());
  }
}
