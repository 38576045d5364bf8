package io.sluice.loadtest.report;

import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What figures were measured on.
 *
 * @param loadAverage processes that wanted a core in the last minute, this one included; above the
 *     number of cores others were in the way. Negative where it is not known
 */
public record Environment(
    String processor,
    int cores,
    String jvm,
    String os,
    String onnxRuntime,
    int threads,
    double loadAverage) {

  /** This machine now. */
  public static Environment here(OnnxRuntime runtime) {
    return new Environment(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        runtime.version(),
        runtime.settings().threads(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** One line for people. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores; %s; %s; ONNX Runtime %s, %d threads; load average %.1f",
        processor,
        cores,
        jvm,
        os,
        onnxRuntime,
        threads,
        loadAverage);
  }

  private static String processorName() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"));
      return lines.stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }
}
