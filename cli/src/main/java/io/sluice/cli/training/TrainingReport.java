package io.sluice.cli.training;

import static java.util.stream.Collectors.joining;

import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.diagnosis.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What came out of a training run, in a few lines. */
public final class TrainingReport {
  private TrainingReport() {}

  /** The lines: accuracy against the linear probe, cost against the budget, structure, digest. */
  public static List<String> of(TrainResult result, Screen screen) {
    Manifest manifest = result.bundle().manifest();
    TrainResult.ParameterCounts parameters = result.parameters();
    return List.of(
        String.format(
            Locale.ROOT,
            "%-11s %s with adapters, %s with a linear probe, on %d dev rows",
            Score.name(result.dev()),
            screen.strong(Score.value(result.dev())),
            Score.value(result.probe()),
            result.dev().total()),
        String.format(
            Locale.ROOT,
            "adapters    %s parameters: %s of the backbone, %s of its body; head %s",
            Quantities.count(parameters.adapters()),
            Quantities.percent(parameters.share()),
            Quantities.percent(parameters.bodyShare()),
            Quantities.count(parameters.head())),
        result.method().budgeted()
            ? String.format(
                Locale.ROOT,
                "budget      %d of %d %s",
                result.cost(),
                result.budget(),
                result.unit())
            : "budget      does not apply to --method " + result.method().word(),
        "structure   " + structure(manifest),
        "bundle      " + result.bundle().digest(),
        String.format(
            Locale.ROOT,
            "time        %.1f s for %d steps",
            result.elapsedNanos() / 1e9,
            result.steps()));
  }

  /** What went wrong in the run, or may have: each finding with its evidence, cause and remedy. */
  public static List<String> findings(TrainResult result, Screen screen) {
    if (result.findings().isEmpty()) {
      return List.of("diagnosis   none of the known signs of trouble");
    }
    List<String> lines = new ArrayList<>();
    for (Finding finding : result.findings()) {
      lines.add("diagnosis   " + screen.strong(finding.title()));
      lines.add("            " + finding.evidence());
      lines.add("            cause: " + finding.cause());
      lines.add("            remedy: " + finding.remedy());
    }
    return lines;
  }

  /** Which points carry what, and how long the trunk is. */
  public static String structure(Manifest manifest) {
    String points =
        manifest.structure().stream()
            .map(entry -> Integer.toString(entry.point()))
            .distinct()
            .collect(joining(", "));
    return manifest.structure().isEmpty()
        ? "no adapter, a head only"
        : String.format(
            Locale.ROOT,
            "%d of %d points: %s; trunk of %d blocks",
            manifest.structure().stream().mapToInt(PointEntry::point).distinct().count(),
            manifest.backbonePoints(),
            points,
            manifest.cost().trunkBlocks());
  }
}
