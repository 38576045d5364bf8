package io.sluice.backbone;

import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.file.Path;

/**
 * Imports an exported encoder and writes its imported form: how the embedded default is made (see
 * backbone/README.md).
 */
final class EmbeddedForm {
  /** Positions seen in pretraining; the position table has more rows. */
  private static final int TRAINED_POSITIONS = 512;

  private EmbeddedForm() {}

  public static void main(String[] args) {
    Backbone imported = BackboneImporter.read(Path.of(args[0]), OnnxRuntime.shared());
    Backbone named =
        new Backbone(
            "sluice-mini",
            imported.whole(),
            imported.boundaryNames(),
            imported.context(),
            imported.hiddenSize(),
            Math.min(imported.maxPositions(), TRAINED_POSITIONS),
            imported.notes(),
            imported.tokenizerJson());
    BackboneFormat.write(named, Path.of(args[1]));
  }
}
