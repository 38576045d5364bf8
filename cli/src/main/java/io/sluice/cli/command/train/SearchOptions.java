package io.sluice.cli.command.train;

import io.sluice.cli.command.option.Given;
import io.sluice.cli.command.option.Listed;
import io.sluice.trainer.SearchSettingsBuilder;
import io.sluice.trainer.gate.GateForm;
import io.sluice.trainer.model.Placement;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options that say what is searched; what is left out is as {@link SearchSettings} has it. */
final class SearchOptions {
  @Option(
      names = "--kinds",
      paramLabel = "KIND,...",
      description =
          "Adapters to choose from: bottleneck-sequential, bottleneck-parallel, low-rank,"
              + " scale-shift, or all. Default: bottleneck-sequential.")
  private @Nullable String kinds;

  @Option(
      names = {"--ranks", "--rank"},
      paramLabel = "N,...",
      description = "Inner widths to choose from, as 4,8,16,32. Default: 4,16.")
  private @Nullable String ranks;

  @Option(
      names = "--points",
      paramLabel = "N,...",
      description = "Insertion points to choose from, as 1-6,12. Default: all.")
  private @Nullable String points;

  @Option(
      names = "--placement",
      paramLabel = "HOW",
      converter = Placements.class,
      description =
          "Where insertion points are: block-wise, behind attention and feed-forward; layer-wise,"
              + " behind each layer; or attention, behind attention only. Default: block-wise.")
  private @Nullable Placement placement;

  @Option(
      names = "--gates",
      paramLabel = "FORM",
      converter = GateForms.class,
      description =
          "hard-concrete, held to the budget at every step, or sigmoid, plain gates under a"
              + " penalty. Default: hard-concrete.")
  private @Nullable GateForm gates;

  @Option(
      names = "--gate-temperature",
      paramLabel = "BETA",
      description =
          "Of hard-concrete gates: the lower, the fewer samples between shut and open."
              + " Default: 2/3.")
  private @Nullable Double gateTemperature;

  @Option(names = "--gate-learning-rate", description = "Of the gates. Default: 0.1.")
  private @Nullable Double gateLearningRate;

  @Option(
      names = "--gate-sharpness",
      description =
          "How sure gates are made by the end of the search; 1: as they come. Default: 5.")
  private @Nullable Double sharpness;

  @Option(
      names = "--sparsity-weight",
      description = "Penalty on open gates, for --gates sigmoid. Default: 1.")
  private @Nullable Double sparsityWeight;

  @Option(
      names = "--prefer-trunk",
      arity = "0..1",
      fallbackValue = "1",
      paramLabel = "WEIGHT",
      description =
          "Prefer adapters high up, so that a server can share more of the encoder between"
              + " tasks. Default weight: 1.")
  private @Nullable Double trunkWeight;

  SearchSettingsBuilder onto(SearchSettingsBuilder search) {
    Given.to(kinds, text -> search.forms(Listed.forms(text)));
    Given.to(ranks, text -> search.ranks(Listed.numbers("ranks", text)));
    Given.to(points, text -> search.points(Listed.numbers("points", text)));
    Given.to(placement, search::placement);
    Given.to(gates, search::gates);
    Given.to(gateTemperature, search::gateTemperature);
    Given.to(gateLearningRate, search::gateLearningRate);
    Given.to(sharpness, search::sharpness);
    Given.to(sparsityWeight, search::sparsityWeight);
    Given.to(trunkWeight, search::trunkWeight);
    return search;
  }

  /** Reads {@code layer-wise}. */
  static final class Placements implements ITypeConverter<Placement> {
    @Override
    public Placement convert(String text) {
      return Listed.word(text, Placement.values(), Placement::word);
    }
  }

  /** Reads {@code hard-concrete}. */
  static final class GateForms implements ITypeConverter<GateForm> {
    @Override
    public GateForm convert(String text) {
      return Listed.word(text, GateForm.values(), GateForm::word);
    }
  }
}
