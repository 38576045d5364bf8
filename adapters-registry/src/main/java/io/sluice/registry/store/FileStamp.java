package io.sluice.registry.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells a file that was read from one that has been written to or replaced since.
 *
 * @param modifiedNanos since 1970
 * @param key the file's identity, where the file system has one
 */
record FileStamp(long sizeBytes, long modifiedNanos, @Nullable Object key) {
  /** The stamp of the file now; null when there is none that can be looked at. */
  static @Nullable FileStamp of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(
          now.size(), now.lastModifiedTime().to(TimeUnit.NANOSECONDS), now.fileKey());
    } catch (IOException e) {
      return null;
    }
  }
}
