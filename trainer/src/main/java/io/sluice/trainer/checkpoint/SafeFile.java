package io.sluice.trainer.checkpoint;

import static java.util.Objects.requireNonNull;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

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
      // Not a channel, which an interrupt would close.
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        out.write(content);
        out.flush();
        out.getFD().sync();
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      // On a disk that is full half a file would be in the way of all others.
      Files.deleteIfExists(temporary);
    }
    sync(requireNonNull(file.toAbsolutePath().getParent(), "folder"));
  }

  private static void sync(Path folder) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
