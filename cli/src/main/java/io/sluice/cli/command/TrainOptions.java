package io.sluice.cli.command;

import io.sluice.trainer.TrainSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;

/** The options that decide a training run; what is left out is as {@link TrainSettings} has it. */
final class TrainOptions {
  @ArgGroup(multiplicity = "0..1")
  private @Nullable BudgetOptions budget;

  @Mixin private LearningOptions learning = new LearningOptions();

  /** The settings; what was given on top of the defaults. */
  TrainSettings settings() {
    TrainSettings.Builder settings = learning.settings();
    if (budget != null) {
      settings.budget(budget.budget());
    }
    return settings.build();
  }
}
