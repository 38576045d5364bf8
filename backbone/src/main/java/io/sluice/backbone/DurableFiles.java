package io.sluice.backbone;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What is on the disk when the call has returned, whatever happens after. An interrupt of the
 * thread does not cut it short and is kept for the caller: a run or a server is stopped by one, and
 * what it saves then is saved whole. Stateless.
 */
public final class DurableFiles {
  /** A larger piece would be copied to native memory as one. */
  private static final int PIECE_BYTES = 1 << 20;

  private DurableFiles() {}

  /** Writes or overwrites a file; what is half-written after a failure is the caller's. */
  public static void write(Path file, byte[] content) throws IOException {
    // Not a channel, which an interrupt would close.
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      for (int at = 0; at < content.length; at += PIECE_BYTES) {
        out.write(content, at, Math.min(PIECE_BYTES, content.length - at));
      }
      out.getFD().sync();
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
