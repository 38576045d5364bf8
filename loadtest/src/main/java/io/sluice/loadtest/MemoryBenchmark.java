package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of a server that runs in this process, before and after more and more tasks are activated
 * in it. Stateless.
 */
public final class MemoryBenchmark {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long KIBI = 1024;

  private MemoryBenchmark() {}

  /**
   * Activates variants of {@code bundle} as tasks {@code memory-1}, {@code memory-2} ...
   *
   * @param tasks numbers of tasks to look at, ascending
   */
  public static MemoryReport run(
      Backbone backbone,
      AdapterBundle bundle,
      String host,
      int adminPort,
      List<Integer> tasks,
      OnnxRuntime runtime) {
    requireNonNull(bundle, "bundle");
    List<byte[]> variants = new ArrayList<>();
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      BundleVariants made = new BundleVariants(bundle, sessions, runtime);
      for (int i = 0; i < tasks.get(tasks.size() - 1); i++) {
        variants.add(made.variant(i).bytes());
      }
    }
    List<MemoryReport.Stage> stages = new ArrayList<>();
    stages.add(new MemoryReport.Stage(0, residentBytes()));
    int active = 0;
    try (Upload upload = new Upload(host, adminPort)) {
      for (int count : tasks) {
        while (active < count) {
          upload.activate("memory-" + (active + 1), variants.get(active));
          active++;
        }
        stages.add(new MemoryReport.Stage(count, residentBytes()));
      }
    }
    return new MemoryReport(stages, weightBytes(bundle));
  }

  /** Resident memory of this process, garbage collected as far as the JVM likes to. */
  private static long residentBytes() {
    System.gc();
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(Long::parseLong)
          .map(kibibytes -> kibibytes * KIBI)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, STATUS + ": " + e + " (expected: readable; Linux only)", e);
    }
  }

  private static long weightBytes(AdapterBundle bundle) {
    long bytes = weightBytes(bundle.head());
    for (Graph graph : bundle.points().values()) {
      bytes += weightBytes(graph);
    }
    return bytes;
  }

  private static long weightBytes(Graph graph) {
    return graph.initializers().values().stream()
        .filter(data -> data.type() == DataType.FLOAT && data.rank() > 0)
        .mapToLong(TensorData::sizeBytes)
        .sum();
  }
}
