package io.sluice.cli.command.serve;

import io.sluice.backbone.Backbone;
import io.sluice.cli.examples.ExampleTasks;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The option that leaves a new store without the tasks that come with Sluice. */
final class ExamplesOption {
  @Option(
      names = "--no-examples",
      description = {
        "Leave a new store empty. Without it, a new store for the embedded backbone starts with the",
        "tasks sentiment, intent, boolean-answer and span-answer, unless there is --watch-bundles or",
        "--trusted-keys."
      })
  private boolean none;

  /**
   * Adds them where they belong.
   *
   * @param told whether it is said elsewhere which tasks there are
   * @return the settings to start with: what nobody has asked for yet is not run beforehand
   */
  ServerSettings add(BundleStore store, Backbone backbone, ServerSettings settings, boolean told) {
    boolean refused = settings.access().trustedKeys() != null;
    if (none || told || refused || ExampleTasks.addTo(store, backbone.digest()).isEmpty()) {
      return settings;
    }
    return settings.withEngine(settings.engine().withWarmUp(Duration.ZERO));
  }
}
