package io.sluice.cli.command.experiment;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The experiments that come with the program, as files beside this class's package. */
final class ShippedSuites {
  /** Names of suites. */
  static final List<String> NAMES =
      List.of("main", "placement", "sparsity", "gates", "sensitivity");

  /** The tasks they are usually run over. */
  static final String TASKS = "tasks";

  private ShippedSuites() {}

  /**
   * The text of one.
   *
   * @throws SluiceException {@code NOT_FOUND} if there is none of that name
   */
  static String text(String name) {
    if (!NAMES.contains(name) && !name.equals(TASKS)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          "suite: " + name + " (expected: " + String.join(", ", NAMES) + ", or a .toml file)");
    }
    try (InputStream file =
        ShippedSuites.class.getResourceAsStream("/io/sluice/cli/experiment/" + name + ".toml")) {
      if (file == null) {
        throw new IllegalStateException(name + ".toml: not in the jar (expected: it is)");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
