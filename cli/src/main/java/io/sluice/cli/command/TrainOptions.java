package io.sluice.cli.command;

import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.profile.CostTable;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;

/** The options that decide a training run; what is left out is as {@link TrainSettings} has it. */
final class TrainOptions {
  @Mixin private BudgetOptions budget = new BudgetOptions();
  @Mixin private LearningOptions learning = new LearningOptions();

  /**
   * The settings; what was given on top of the defaults.
   *
   * @param costs what a latency is reckoned by; called only if one is given
   */
  TrainSettings settings(Supplier<CostTable> costs) {
    TrainSettings given = learning.settings().build();
    return given.toBuilder()
        .budget(budget.budget(given.budget(), given.task().maxTokens(), costs))
        .build();
  }
}
