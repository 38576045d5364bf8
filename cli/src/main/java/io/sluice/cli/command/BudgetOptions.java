package io.sluice.cli.command;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.gate.Budget;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What the adapters may cost, in one way or the other. */
final class BudgetOptions {
  @Option(
      names = "--max-params",
      paramLabel = "SHARE|N",
      converter = Parameters.class,
      description = "Budget of the adapters: 1.4%% of the backbone's parameters, or a number.")
  private @Nullable Budget parameters;

  @Option(names = "--max-points", paramLabel = "N", description = "Budget: so many adapters.")
  private @Nullable Integer points;

  Budget budget() {
    Budget stated = parameters;
    Integer number = points;
    if (stated != null) {
      return stated;
    }
    int adapters = number == null ? 0 : number;
    if (adapters < 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "max-points: " + adapters + " (expected: >= 1)");
    }
    return new Budget.Points(adapters);
  }

  /** Reads {@code 1.4%} or {@code 190000}. */
  static final class Parameters implements ITypeConverter<Budget> {
    @Override
    public Budget convert(String text) {
      try {
        return Budget.parseParameters(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
