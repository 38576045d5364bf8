package io.sluice.cli.command.option;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names a backbone. */
public final class BackboneOption {
  @Option(
      names = "--backbone",
      paramLabel = "DIR",
      description = "An imported backbone, or an export to import. Default: sluice-mini, embedded.")
  private @Nullable Path directory;

  public Backbone load(OnnxRuntime runtime) {
    return load(directory, runtime);
  }

  /**
   * The backbone in a directory.
   *
   * @param directory imported form, or what an exporter wrote; null for the embedded one
   */
  public static Backbone load(@Nullable Path directory, OnnxRuntime runtime) {
    if (directory == null) {
      return SluiceMini.load();
    }
    return BackboneFormat.isBackbone(directory)
        ? BackboneFormat.read(directory)
        : BackboneImporter.read(directory, runtime);
  }
}
