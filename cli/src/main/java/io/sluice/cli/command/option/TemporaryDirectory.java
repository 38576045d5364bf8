package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** An empty directory that goes, with all that is in it, when this is closed. */
public final class TemporaryDirectory implements AutoCloseable {
  private final Path path;

  public TemporaryDirectory(String prefix) {
    try {
      this.path = Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE,
          "temporary files: "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + e
              + " (expected: a folder to write in; SLUICE_JAVA_OPTS=-Djava.io.tmpdir=DIR names"
              + " another)",
          e);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    List<Path> contents;
    try (Stream<Path> all = Files.walk(path)) {
      contents = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : contents) {
      Files.deleteIfExists(entry);
    }
  }
}
