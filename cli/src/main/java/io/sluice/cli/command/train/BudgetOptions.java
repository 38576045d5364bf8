package io.sluice.cli.command.train;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Given;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.gate.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What the adapters may cost: each limit that is given holds. */
final class BudgetOptions {
  @Option(
      names = "--max-params",
      paramLabel = "SHARE|N",
      converter = Parameters.class,
      description =
          "Budget of the adapters: 1.4%% of the backbone's parameters, or a number."
              + " Default, if no other budget is given: 1.4%%.")
  private @Nullable Budget parameters;

  @Option(
      names = "--max-points",
      paramLabel = "N",
      description = "Budget: adapters at no more than so many insertion points.")
  private @Nullable Integer points;

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      converter = Sparsity.class,
      description = "Budget: at least this share of the candidates, 25%% or 0.25, is left out.")
  private @Nullable Budget sparsity;

  @Option(
      names = "--max-latency-us",
      paramLabel = "MICROS",
      description =
          "Budget: what the adapters add to a request of --max-tokens tokens, by what sluice"
              + " backbone profile measures on this machine.")
  private @Nullable Double latencyMicros;

  /**
   * What was given; {@code otherwise} if nothing was.
   *
   * @param tokens length of the row that a latency is for
   * @param costs called only if a latency was given
   */
  Budget budget(Budget otherwise, int tokens, Supplier<CostTable> costs) {
    List<Budget> given = new ArrayList<>();
    Given.to(parameters, given::add);
    Given.to(
        points,
        number -> {
          require(number >= 1, "max-points: " + number, ">= 1");
          given.add(new Budget.Points(number));
        });
    Given.to(sparsity, given::add);
    Given.to(
        latencyMicros,
        micros -> {
          require(micros > 0 && micros <= 1e9, "max-latency-us: " + micros, "above 0");
          given.add(new Budget.Latency(micros, tokens, costs.get()));
        });
    if (given.isEmpty()) {
      return otherwise;
    }
    return given.size() == 1 ? given.get(0) : new Budget.All(given);
  }

  private static void require(boolean holds, String found, String expected) {
    if (!holds) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, found + " (expected: " + expected + ")");
    }
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

  /** Reads {@code 25%} or {@code 0.25}. */
  static final class Sparsity implements ITypeConverter<Budget> {
    @Override
    public Budget convert(String text) {
      try {
        return Budget.parseSparsity(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
