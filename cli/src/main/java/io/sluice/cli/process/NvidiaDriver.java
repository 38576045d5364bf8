package io.sluice.cli.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What NVIDIA's driver says of itself and its GPUs. */
public final class NvidiaDriver {
  private static final Path VERSION = Path.of("/proc/driver/nvidia/version");
  private static final long LONGEST_SECONDS = 20;

  private NvidiaDriver() {}

  /** The GPUs with driver and memory, by {@code nvidia-smi}; else what is known without it. */
  public static String describe() {
    try {
      Process tool =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=index,name,driver_version,memory.total,memory.used,compute_cap",
                  "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      if (!tool.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        tool.destroyForcibly();
        return "nvidia-smi does not answer";
      }
      String said =
          new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return String.join("; ", said.lines().toList());
    } catch (IOException e) {
      return withoutTool();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static String withoutTool() {
    try {
      List<String> lines = Files.readAllLines(VERSION);
      return lines.isEmpty() ? "driver of unknown version" : lines.get(0);
    } catch (IOException e) {
      return "no driver, no nvidia-smi";
    }
  }
}
