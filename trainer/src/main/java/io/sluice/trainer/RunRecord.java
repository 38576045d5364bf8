package io.sluice.trainer;

import static java.util.stream.Collectors.joining;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Provenance;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.task.Confidence;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a bundle keeps of the run it came from: settings, versions, figures; no time of day. */
final class RunRecord {
  private static final String DEVELOPMENT = "development";

  private RunRecord() {}

  static Provenance provenance(TaskData data, RunContext run) {
    Map<String, String> values = run.settings().described();
    values.put("pooling", run.head().pooling().name().toLowerCase(Locale.ROOT));
    values.put("steps", Integer.toString(run.schedule().steps()));
    // Sums are split among threads, so their number is part of what a result is a function of.
    values.put("threads", Integer.toString(run.runtime().settings().threads()));
    putDevice(values, run.runtime());
    if (!run.ratchet().isEmpty()) {
      values.put("swept_from", run.ratchet().stream().map(Budget::toString).collect(joining(", ")));
    }
    return Provenance.here(data.digest(), run.settings().seed(), values, versions(run.runtime()));
  }

  /** All that a run is a function of, by name: what a checkpoint must agree with to go on from. */
  static Map<String, String> identity(
      Backbone backbone, TaskData data, TrainSettings settings, OnnxRuntime runtime) {
    Map<String, String> values = settings.described();
    values.put("seed", Long.toString(settings.seed()));
    values.put("threads", Integer.toString(runtime.settings().threads()));
    putDevice(values, runtime);
    values.put("backbone", backbone.digest().toString());
    values.put("data", data.digest().toString());
    versions(runtime).forEach((name, version) -> values.put("version_of_" + name, version));
    return values;
  }

  private static void putDevice(Map<String, String> values, OnnxRuntime runtime) {
    Device device = runtime.settings().device();
    if (device.isCuda()) {
      values.put("device", device.toString());
    }
  }

  private static Map<String, String> versions(OnnxRuntime runtime) {
    String version = Trainer.class.getPackage().getImplementationVersion();
    return Map.of(
        "onnxruntime", runtime.version(), "sluice", version == null ? DEVELOPMENT : version);
  }

  /**
   * What came out on the dev rows.
   *
   * @param dev the bundle's answers
   * @param confidence what their probabilities are worth
   * @param probe the linear probe's answers
   */
  record Figures(Evaluation dev, Confidence confidence, Evaluation probe) {
    /** By name, as bundles record them. */
    Map<String, Double> metrics() {
      Map<String, Double> metrics = new TreeMap<>();
      dev.measures().forEach((name, value) -> metrics.put("dev_" + name, value));
      confidence.measures().forEach((name, value) -> metrics.put("dev_" + name, value));
      probe.measures().forEach((name, value) -> metrics.put("linear_probe_" + name, value));
      return metrics;
    }
  }
}
