package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * What is on the disk when the call has returned, whatever happens after. An interrupt of the
 * thread does not cut it short and is kept for the caller: a run or a server is stopped by one, and
 * what it saves then is saved whole. Stateless.
 */
public final class DurableFiles {
  /** Ending of files being written; whoever finds one after a crash may delete it. */
  public static final String TEMPORARY = ".tmp";

  /** A larger piece would be copied to native memory as one. */
  private static final int PIECE_BYTES = 1 << 20;

  private DurableFiles() {}

  /** What a file is to hold. */
  public interface Content {
    /**
     * Writes all of it.
     *
     * @param out not buffered; stays the caller's
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes or replaces a file as {@link #replace(Path, Content)} does. */
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, out -> pieces(content, out));
  }

  /**
   * Writes or replaces a file all or nothing: a temporary file beside it, synced, moved to its
   * place, and the folder synced. What is there stays until all is written, and after a failure.
   */
  public static void replace(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + TEMPORARY);
    try {
      write(temporary, content);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      // On a disk that is full half a file would be in the way of all others.
      Files.deleteIfExists(temporary);
    }
    sync(requireNonNull(target.getParent(), "folder"));
  }

  /** Writes or overwrites a file; what is half-written after a failure is the caller's. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, out -> pieces(content, out));
  }

  private static void write(Path file, Content content) throws IOException {
    // Not a channel, which an interrupt would close.
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      content.writeTo(out);
      out.getFD().sync();
    }
  }

  private static void pieces(byte[] content, OutputStream out) throws IOException {
    for (int at = 0; at < content.length; at += PIECE_BYTES) {
      out.write(content, at, Math.min(PIECE_BYTES, content.length - at));
    }
  }

  /** Makes the names in a folder durable: files know nothing of them. */
  public static void sync(Path folder) throws IOException {
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
