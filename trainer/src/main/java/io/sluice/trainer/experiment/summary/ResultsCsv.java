package io.sluice.trainer.experiment.summary;

import static java.util.stream.Collectors.joining;

import io.sluice.trainer.experiment.CellResult;
import java.util.List;
import java.util.Locale;

/** All results as comma-separated values, a row per cell. */
final class ResultsCsv {
  private static final String HEADER =
      "task,variant,seed,method,metric,score,probe_score,learned_parameters,head_parameters,"
          + "share_of_backbone,unit,cost,budget,points,trunk_blocks,flops_per_token,steps,seconds,"
          + "evaluation_seconds,examples_per_second,jobs,structure,findings\n";

  private ResultsCsv() {}

  static String of(List<CellResult> results) {
    StringBuilder csv = new StringBuilder(HEADER);
    results.forEach(result -> csv.append(row(result)).append('\n'));
    return csv.toString();
  }

  private static String row(CellResult result) {
    CellResult.Structure structure = result.structure();
    String survivors =
        structure == null
            ? ",,,,,"
            : String.format(
                Locale.ROOT,
                "%s,%d,%d,%d,%d,%d",
                structure.unit(),
                structure.cost(),
                structure.budget(),
                structure.survivors().stream()
                    .mapToInt(CellResult.Survivor::point)
                    .distinct()
                    .count(),
                structure.trunkBlocks(),
                structure.flopsPerToken());
    return String.format(
        Locale.ROOT,
        "%s,%s,%d,%s,%s,%.6f,%.6f,%d,%d,%.8f,%s,%d,%.3f,%.3f,%.1f,%d,%s,%s",
        result.task(),
        result.variant(),
        result.seed(),
        result.method(),
        result.metric(),
        result.score(),
        result.probeScore(),
        result.size().learned(),
        result.size().head(),
        result.size().share(),
        survivors,
        result.time().steps(),
        result.time().seconds(),
        result.time().evaluationSeconds(),
        result.time().examplesPerSecond(),
        result.time().jobs(),
        structure == null ? "" : points(structure),
        quoted(result.findings().stream().map(CellResult.Note::title).collect(joining("; "))));
  }

  /** The survivors by point, as {@code 3:bottleneck:16 7:bottleneck:16}. */
  private static String points(CellResult.Structure structure) {
    return structure.survivors().stream()
        .map(survivor -> survivor.point() + ":" + survivor.kind() + ":" + survivor.rank())
        .collect(joining(" "));
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : '"' + text.replace("\"", "\"\"") + '"';
  }
}
