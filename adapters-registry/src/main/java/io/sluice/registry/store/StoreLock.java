package io.sluice.registry.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second process out of a store; the operating system lets go of it when the holder dies.
 * The file says who holds it and is never deleted. Thread-safe.
 */
final class StoreLock implements AutoCloseable {
  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  static StoreLock acquire(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean held = false;
    try {
      held = lock(channel) != null;
      if (!held) {
        throw new SluiceException(
            ErrorCode.FAILED_PRECONDITION,
            file + ": locked by " + holder(file) + " (expected: one process at a time)");
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(String.valueOf(ProcessHandle.current().pid()).getBytes(UTF_8)));
      return new StoreLock(channel);
    } finally {
      if (!held) {
        channel.close();
      }
    }
  }

  /** {@code null} when another process, or another store in this one, has it. */
  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    if (!pid.matches("[0-9]{1,18}")) {
      return "another process";
    }
    return "process "
        + pid
        + (Long.parseLong(pid) == ProcessHandle.current().pid() ? ", this one" : "");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
