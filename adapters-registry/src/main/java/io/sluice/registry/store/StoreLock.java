package io.sluice.registry.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second store out of a directory, of this process or another; the operating system lets go
 * of it when the holder dies. The file says who holds it and is never deleted. Thread-safe.
 */
final class StoreLock implements AutoCloseable {
  static final String FILE = "store.lock";

  /*
   * The operating system's lock is the process's: closing any channel on the file gives it up, even
   * one that was opened only to find it taken. So this process must know what it holds before it
   * opens the file a second time.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private StoreLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static StoreLock acquire(Path directory) throws IOException {
    Path file = directory.toRealPath().resolve(FILE);
    if (!HELD.add(file)) {
      throw taken(file, "process " + ProcessHandle.current().pid() + ", this one");
    }
    boolean held = false;
    try {
      StoreLock lock = new StoreLock(file, lockedChannel(file));
      held = true;
      return lock;
    } finally {
      if (!held) {
        HELD.remove(file);
      }
    }
  }

  private static FileChannel lockedChannel(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean held = false;
    try {
      if (channel.tryLock() == null) {
        throw taken(file, holder(file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(String.valueOf(ProcessHandle.current().pid()).getBytes(UTF_8)));
      held = true;
      return channel;
    } finally {
      if (!held) {
        channel.close();
      }
    }
  }

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    return pid.matches("[0-9]{1,18}") ? "process " + pid : "another process";
  }

  private static SluiceException taken(Path file, String holder) {
    return new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        file + ": locked by " + holder + " (expected: one store at a time)");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(file);
    }
  }
}
