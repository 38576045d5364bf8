package io.sluice.backbone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes folders that are to be written to. Stateless. */
public final class Folders {
  private Folders() {}

  /**
   * Makes a folder and those above it that are not there. One that is a symbolic link to a folder
   * is there, though {@link Files#createDirectories} of Java 17 takes it for a file in the way.
   *
   * @return {@code folder}
   */
  public static Path make(Path folder) throws IOException {
    return Files.isDirectory(folder) ? folder : Files.createDirectories(folder);
  }
}
