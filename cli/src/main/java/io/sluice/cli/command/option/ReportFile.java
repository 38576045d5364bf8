package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A report taken out of its bundle. */
public final class ReportFile {
  /** The page. */
  public static final String PAGE = "report.html";

  /** The picture of the structure. */
  public static final String PICTURE = "structure.svg";

  private ReportFile() {}

  /**
   * Writes an attachment to a file, over what is there.
   *
   * @return its size
   * @throws SluiceException {@code INVALID_ARGUMENT} if the bundle has none or the file cannot be
   *     written
   */
  public static int take(AdapterBundle bundle, String name, Path file) {
    byte[] content = bundle.attachment(name);
    if (content == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          bundle + ": no " + name + " (expected: a bundle whose training wrote one)");
    }
    try {
      Files.write(file, content);
      return content.length;
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, file + ": not written: " + e + " (expected: a file)", e);
    }
  }
}
