package io.sluice.backbone;

import java.io.IOException;
import java.io.InputStream;

/** The encoder that Sluice brings along: small, uncased English, pretrained for this project. */
public final class SluiceMini {
  private static final String FOLDER = "sluice-mini/";

  private SluiceMini() {}

  /** Reads the encoder from the jar, and checks its digest; each call reads anew. */
  public static Backbone load() {
    return BackboneFormat.read(new Resources(), "sluice-mini in the jar");
  }

  private static final class Resources implements BackboneFormat.FormFiles {
    @Override
    public byte[] bytes(String file) {
      try (InputStream in = SluiceMini.class.getResourceAsStream(FOLDER + file)) {
        if (in == null) {
          throw new SluiceException(
              ErrorCode.NOT_FOUND,
              "sluice-mini/" + file + ": not in the jar (expected: beside the classes)");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new SluiceException(
            ErrorCode.DATA_LOSS, "sluice-mini/" + file + ": cannot be read from the jar: " + e, e);
      }
    }

    @Override
    public boolean has(String file) {
      return SluiceMini.class.getResource(FOLDER + file) != null;
    }
  }
}
