package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.bundle.RandomEncoder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the backbone of a benchmark. */
final class BenchBackbone {
  @Option(
      names = "--backbone",
      paramLabel = "DIR|random:LxH",
      description = {
        "An imported backbone, an export to import, or an encoder of L layers, H wide, with random",
        "weights: random:6x384. Default: sluice-mini, embedded."
      })
  private @Nullable String name;

  Backbone load(OnnxRuntime runtime) {
    String given = name;
    if (given != null && RandomEncoder.names(given)) {
      return Input.checked(() -> RandomEncoder.of(given, runtime));
    }
    return BackboneOption.load(given == null ? null : Path.of(given), runtime);
  }
}
