package io.sluice.backbone.runtime;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to start ONNX Runtime where it would take the process down: on Linux version 1.29 dies of
 * a segmentation fault when the process's command line is longer than some 3,970 bytes, unless its
 * telemetry is disabled in the environment. (Measured: 3,962 bytes start, 3,992 do not.)
 */
final class CommandLineLimit {
  static final String TELEMETRY = "ORT_DISABLE_TELEMETRY";
  static final int MOST_BYTES = 3_960;
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private CommandLineLimit() {}

  /**
   * @throws SluiceException FAILED_PRECONDITION naming the ways out
   */
  static void requireMet() {
    if (Files.isReadable(COMMAND_LINE)) {
      try {
        require(Files.readAllBytes(COMMAND_LINE).length, System.getenv(TELEMETRY));
      } catch (IOException e) {
        // Where the system does not tell, there is nothing to check.
        return;
      }
    }
  }

  static void require(int bytes, @Nullable String telemetry) {
    if (bytes > MOST_BYTES && !"1".equals(telemetry)) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "command line: "
              + bytes
              + " bytes (expected: at most "
              + MOST_BYTES
              + ", or "
              + TELEMETRY
              + "=1 in the environment; a class path can go into CLASSPATH): ONNX Runtime would"
              + " crash");
    }
  }
}
