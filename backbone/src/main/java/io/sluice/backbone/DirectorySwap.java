package io.sluice.backbone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts a directory of files in place as a whole: whoever looks sees the old one, for a moment none,
 * or the new one.
 */
final class DirectorySwap {
  private DirectorySwap() {}

  /**
   * Writes the files beside {@code dir}, forces them to disk, and renames; what was at {@code dir}
   * is deleted last, and put back when the new one cannot take its place.
   */
  static void replace(Path dir, Map<String, byte[]> files) throws IOException {
    Path target = dir.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null) {
      throw new IOException("no directory around it");
    }
    Folders.make(parent);
    // Not a temporary directory: those can be read by their owner alone.
    Path fresh = Files.createDirectory(beside(target, ".new"));
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        DurableFiles.write(fresh.resolve(file.getKey()), file.getValue());
      }
      DurableFiles.sync(fresh);
      if (Files.exists(target)) {
        Path old = beside(target, ".old");
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        try {
          Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
          Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
          throw e;
        }
        delete(old);
      } else {
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      }
      DurableFiles.sync(parent);
    } finally {
      if (Files.exists(fresh)) {
        delete(fresh);
      }
    }
  }

  private static Path beside(Path target, String what) {
    return target.resolveSibling("." + target.getFileName() + what + UUID.randomUUID());
  }

  private static void delete(Path directory) throws IOException {
    List<Path> entries;
    try (Stream<Path> walk = Files.walk(directory)) {
      entries = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.delete(entry);
    }
  }
}
