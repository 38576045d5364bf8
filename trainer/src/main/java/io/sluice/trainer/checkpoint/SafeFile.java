package io.sluice.trainer.checkpoint;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes a file all or nothing: temporary file beside it, fsync, atomic rename, fsync of the
 * folder. An interrupt does not keep it from ending: a run is stopped by one, and what is to be
 * saved then is saved all the same.
 */
public final class SafeFile {
  static final String TEMPORARY = ".tmp";

  private SafeFile() {}

  /** Writes or replaces a file. */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    try {
      DurableFiles.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      // On a disk that is full half a file would be in the way of all others.
      Files.deleteIfExists(temporary);
    }
    DurableFiles.sync(requireNonNull(file.toAbsolutePath().getParent(), "folder"));
  }
}
