package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Given;
import io.sluice.cli.command.option.Listed;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.Method;
import io.sluice.trainer.TrainSettings;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that decide a training run; what is left out is as {@link TrainSettings} has it. */
public final class TrainOptions {
  @Mixin private BudgetOptions budget = new BudgetOptions();
  @Mixin private LearningOptions learning = new LearningOptions();

  @Option(
      names = "--method",
      paramLabel = "HOW",
      converter = Methods.class,
      description =
          "How the structure comes about: learned, by a search; or set before the first step:"
              + " fixed, the first kind everywhere, as wide as the budget allows; random, drawn by"
              + " the seed within the budget; everywhere, the first kind in its greatest rank,"
              + " without a budget; head-only, no adapter. Default: learned.")
  private @Nullable Method method;

  /**
   * The settings; what was given on top of the defaults.
   *
   * @param costs what a latency is reckoned by; called only if one is given
   */
  public TrainSettings settings(Supplier<CostTable> costs) {
    TrainSettings given = learning.settings().build();
    return given.toBuilder()
        .search(
            search -> {
              Given.to(method, search::method);
              return search;
            })
        .budget(budget.budget(given.budget(), given.task().maxTokens(), costs))
        .build();
  }

  /** Reads {@code head-only}. */
  static final class Methods implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return Listed.word(text, Method.values(), Method::word);
    }
  }
}
