package io.sluice.loadtest.vitals;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Physical memory of a process, as Linux tells it. Stateless. */
public final class ResidentMemory {
  private static final String FIELD = "VmRSS:";

  private ResidentMemory() {}

  /** Bytes resident now. */
  public static long bytes(long pid) {
    Path status = Path.of("/proc", String.valueOf(pid), "status");
    List<String> lines;
    try {
      lines = Files.readAllLines(status);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, status + ": " + e + " (expected: a running process on Linux)", e);
    }
    return lines.stream()
        .filter(line -> line.startsWith(FIELD))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .findFirst()
        .orElseThrow(
            () ->
                new SluiceException(
                    ErrorCode.UNAVAILABLE, status + ": no " + FIELD + " (expected: one)"));
  }
}
