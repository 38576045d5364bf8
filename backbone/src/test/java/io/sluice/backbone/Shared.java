package io.sluice.backbone;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The project's shared folder beside the repository; tests that need it are skipped where it is
 * absent.
 */
public final class Shared {
  private Shared() {}

  /** The folder or file of that name; skips the calling test when there is none. */
  public static Path require(String name) {
    for (String root : List.of("../shared", "../../shared")) {
      Path found = Path.of(root, name);
      if (Files.exists(found)) {
        return found;
      }
    }
    assumeTrue(false, "shared/" + name + " is not beside this checkout");
    throw new IllegalStateException("unreachable");
  }

  /** The exported encoders of the zoo, sorted. */
  public static Stream<Path> zoo() {
    try (Stream<Path> files = Files.list(require("zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
