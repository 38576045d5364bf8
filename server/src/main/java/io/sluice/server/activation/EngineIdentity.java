package io.sluice.server.activation;

import io.sluice.server.engine.Engine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.UUID;

/**
 * Names an engine by all that its numbers depend on: backbone and format, the build of this server,
 * ONNX Runtime, and the processor with its instructions. Stateless.
 */
final class EngineIdentity {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private EngineIdentity() {}

  static String of(Engine engine) {
    return String.join(
        ", ",
        engine.backbone().digest().toString(),
        engine.precision().name(),
        "ranges " + engine.backbone().ranges().digest().shortForm(),
        engine.device().toString(),
        "onnxruntime " + engine.runtimeVersion(),
        "build " + build(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        processor());
  }

  /** When this code was made; something never seen before where that cannot be told. */
  private static String build() {
    try {
      CodeSource source = EngineIdentity.class.getProtectionDomain().getCodeSource();
      return Files.getLastModifiedTime(Path.of(source.getLocation().toURI())).toString();
    } catch (IOException | URISyntaxException | RuntimeException e) {
      return UUID.randomUUID().toString();
    }
  }

  /** Model and instructions of the first processor; empty where the system does not tell. */
  private static String processor() {
    try {
      List<String> told =
          Files.readAllLines(PROCESSORS).stream()
              .takeWhile(line -> !line.isBlank())
              .filter(line -> line.startsWith("model name") || line.startsWith("flags"))
              .toList();
      return UUID.nameUUIDFromBytes(String.join("\n", told).getBytes(StandardCharsets.UTF_8))
          .toString();
    } catch (IOException e) {
      return "";
    }
  }
}
