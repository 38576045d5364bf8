package io.sluice.trainer.device;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The operators of one step as they ran: on which provider, how many, for how long.
 *
 * @param rows by provider, the most frequent first
 */
public record OperatorTimes(List<Row> rows) {
  private static final int RUNS = 8;
  private static final String KERNEL = "_kernel_time";

  public OperatorTimes {
    rows = List.copyOf(rows);
  }

  /**
   * One kind of operator.
   *
   * @param provider where it ran: {@code CUDA}, {@code CPU}
   * @param operator its name
   * @param count how many of them a step runs
   * @param micros what they take together in a step, in microseconds; on a GPU the time to launch
   *     them
   */
  public record Row(String provider, String operator, double count, double micros) {}

  private record Key(String provider, String operator) {}

  private static final class Sum {
    int count;
    double micros;
  }

  /** Runs a step some times with ONNX Runtime's profiler. */
  public static OperatorTimes of(OnnxRuntime runtime, Backbone backbone, TrainingStep.Size size) {
    Path folder = folder();
    try {
      Path file;
      try (TrainingStep step =
          TrainingStep.profiled(runtime, backbone, size, folder.resolve("step"))) {
        for (int run = 0; run < RUNS; run++) {
          step.run();
        }
        file = step.endProfile();
      }
      return read(file, RUNS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(folder);
    }
  }

  /** How many operators a step runs. */
  public double count() {
    return rows.stream().mapToDouble(Row::count).sum();
  }

  /**
   * Reads a profile.
   *
   * @param runs how many runs it is of
   */
  static OperatorTimes read(Path file, int runs) throws IOException {
    Map<Key, Sum> sums = new HashMap<>();
    for (JsonNode event : new ObjectMapper(new JsonFactory()).readTree(file.toFile())) {
      JsonNode arguments = event.path("args");
      if (event.path("cat").asText().equals("Node")
          && event.path("name").asText().endsWith(KERNEL)) {
        String provider = arguments.path("provider").asText().replace("ExecutionProvider", "");
        Sum sum =
            sums.computeIfAbsent(
                new Key(provider, arguments.path("op_name").asText()), key -> new Sum());
        sum.count++;
        sum.micros += event.path("dur").asDouble();
      }
    }
    return new OperatorTimes(
        sums.entrySet().stream()
            .map(
                entry ->
                    new Row(
                        entry.getKey().provider(),
                        entry.getKey().operator(),
                        (double) entry.getValue().count / runs,
                        entry.getValue().micros / runs))
            .sorted(
                Comparator.comparing(Row::provider)
                    .thenComparing(Comparator.comparingDouble(Row::count).reversed())
                    .thenComparing(Row::operator))
            .toList());
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("sluice-profile");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
