package io.sluice.cli.command;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bundles on the disk of whoever types the command. */
final class BundleFiles {
  private BundleFiles() {}

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": cannot be read (expected: a bundle)", e);
    }
  }
}
