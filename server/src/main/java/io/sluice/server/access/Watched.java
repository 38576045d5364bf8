package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read from some files, and is read again when one of them has changed. Until what is
 * there now can be read, what was read before stays. {@link #get} is thread-safe and reads no file;
 * {@link #look} is for one thread.
 */
final class Watched<T> {
  private static final Logger log = LoggerFactory.getLogger(Watched.class);

  private final List<Path> files;
  private final Supplier<T> read;
  private volatile T value;
  private List<String> seen;

  /**
   * Reads for the first time; a failure is the caller's.
   *
   * @param read reads the files
   */
  Watched(List<Path> files, Supplier<T> read) {
    this.files = List.copyOf(files);
    this.read = requireNonNull(read, "read");
    this.seen = stamps(this.files);
    this.value = read.get();
  }

  T get() {
    return value;
  }

  /** Reads again if a file looks different from the last time. */
  void look() {
    List<String> now = stamps(files);
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      value = read.get();
      log.info("{}: read again", files);
    } catch (SluiceException e) {
      log.warn("what was read before stays: {}", e.getMessage());
    } catch (RuntimeException e) {
      // Must not come out: that would be the last look.
      log.error("{}: what was read before stays", files, e);
    }
  }

  private static List<String> stamps(List<Path> files) {
    return files.stream().map(Watched::stamp).toList();
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return "unreadable";
    }
  }
}
