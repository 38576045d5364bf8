package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.Input;
import io.sluice.loadtest.bundle.RandomEncoder;
import java.nio.file.Files;
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

  private @Nullable Backbone loaded;

  /** What is expected in place of {@code text}; null when it may stand. */
  static @Nullable String expected(String text) {
    if (RandomEncoder.names(text)) {
      return RandomEncoder.expected(text);
    }
    return !text.isBlank() && Files.isDirectory(Path.of(text))
        ? null
        : "a backbone's folder, or random:6x384";
  }

  /** Makes or reads it, once. */
  Backbone load(OnnxRuntime runtime) {
    Backbone known = loaded;
    if (known == null) {
      known = read(runtime);
      loaded = known;
    }
    return known;
  }

  private Backbone read(OnnxRuntime runtime) {
    String given = name;
    if (given != null && RandomEncoder.names(given)) {
      return Input.checked(() -> RandomEncoder.of(given, runtime));
    }
    return BackboneOption.load(given == null ? null : Path.of(given), runtime);
  }
}
