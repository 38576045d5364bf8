package io.sluice.backbone;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folder of shared material beside the repository; tests that need it are skipped where
 * it is absent.
 */
public final class SharedFiles {
  private SharedFiles() {}

  /** The file or folder of that path; skips the calling test when there is none. */
  public static Path require(String path) {
    Path root = root();
    Path found = root == null ? Path.of("absent") : root.resolve(path);
    assumeTrue(Files.exists(found), "../shared/" + path + " is not there");
    return found;
  }

  private static @Nullable Path root() {
    return Stream.of("../shared", "../../shared")
        .map(Path::of)
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(null);
  }
}
