package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of a cell: {@code result.json}.
 *
 * @param task the cell's
 * @param variant the cell's
 * @param seed the cell's
 * @param method how it learned: {@code learned}, {@code full} ...
 * @param metric what it was chosen and is compared by
 * @param score its value on the dev rows; greater is better
 * @param probeScore the same of a linear probe on the untouched encoder
 * @param dev all measures on the dev rows
 * @param probe the same of the linear probe
 * @param size how many numbers were learned
 * @param structure what is left of the candidates; {@code null} where the encoder itself learned
 * @param time what it took
 * @param findings what went wrong, or may have
 * @param settings what it was run with, by name
 * @param origin what else it is a function of, by name: digests, versions, device
 */
public record CellResult(
    String task,
    String variant,
    long seed,
    String method,
    String metric,
    double score,
    double probeScore,
    Map<String, Double> dev,
    Map<String, Double> probe,
    Size size,
    @Nullable Structure structure,
    Time time,
    List<Note> findings,
    Map<String, String> settings,
    Map<String, String> origin) {
  public CellResult {
    requireNonNull(task, "task");
    requireNonNull(variant, "variant");
    requireNonNull(method, "method");
    requireNonNull(metric, "metric");
    dev = new TreeMap<>(dev);
    probe = new TreeMap<>(probe);
    requireNonNull(size, "size");
    requireNonNull(time, "time");
    findings = List.copyOf(findings);
    settings = new TreeMap<>(settings);
    origin = new TreeMap<>(origin);
  }

  /** Which one. */
  public Cell cell() {
    return new Cell(task, variant, seed);
  }

  /**
   * Numbers of parameters.
   *
   * @param learned what learned: adapters, or the whole encoder with its head
   * @param head of the head, where it is not counted with the encoder
   * @param backbone of the whole encoder
   * @param body of the encoder without its embedding tables
   * @param share {@code learned} of {@code backbone}, 1 at most
   */
  public record Size(long learned, long head, long backbone, long body, double share) {}

  /**
   * What survived.
   *
   * @param unit what cost and budget count
   * @param cost of the survivors
   * @param budget the limit
   * @param trunkBlocks blocks below the lowest adapter
   * @param flopsPerToken of the survivors
   * @param backbonePoints insertion points of the encoder
   * @param survivors the adapters
   */
  public record Structure(
      String unit,
      long cost,
      long budget,
      int trunkBlocks,
      long flopsPerToken,
      int backbonePoints,
      List<Survivor> survivors) {
    public Structure {
      survivors = List.copyOf(survivors);
    }
  }

  /** An adapter that is left. */
  public record Survivor(int point, String kind, int rank, long parameters) {}

  /**
   * What a run took.
   *
   * @param steps that were done
   * @param seconds of the whole run
   * @param evaluationSeconds of these, spent on answering the dev rows between steps
   * @param examplesPerSecond over all steps, dev rows and preparation left out
   * @param jobs how many cells this process ran at a time
   * @param phases of each stage, by name; steps are rows where rows are prepared
   */
  public record Time(
      int steps,
      double seconds,
      double evaluationSeconds,
      double examplesPerSecond,
      int jobs,
      Map<String, PhaseTime> phases) {
    public Time {
      phases = new TreeMap<>(phases);
    }
  }

  /** Time of a stage. */
  public record PhaseTime(int steps, double seconds, double secondsPerStep) {}

  /** A finding in brief. */
  public record Note(String title, String evidence) {}
}
