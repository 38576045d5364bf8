package io.sluice.cli.command;

import io.sluice.trainer.SearchSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what is searched; what is left out is as {@link SearchSettings} has it. */
final class SearchOptions {
  @Option(names = "--rank", description = "Inner width of the adapters. Default: 16.")
  private @Nullable Integer rank;

  SearchSettings.Builder onto(SearchSettings.Builder search) {
    Given.to(rank, search::rank);
    return search;
  }
}
