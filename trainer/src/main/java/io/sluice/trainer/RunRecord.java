package io.sluice.trainer;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Provenance;
import io.sluice.trainer.metric.Evaluation;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a bundle keeps of the run it came from: settings, versions, figures; no time of day. */
final class RunRecord {
  private static final String DEVELOPMENT = "development";

  private RunRecord() {}

  static Provenance provenance(
      TaskData data,
      TrainSettings settings,
      Pooling pooling,
      Schedule schedule,
      OnnxRuntime runtime) {
    Map<String, String> values = settings.described();
    values.put("pooling", pooling.name().toLowerCase(Locale.ROOT));
    values.put("steps", Integer.toString(schedule.steps()));
    // Sums are split among threads, so their number is part of what a result is a function of.
    values.put("threads", Integer.toString(runtime.settings().threads()));
    String version = Trainer.class.getPackage().getImplementationVersion();
    return Provenance.here(
        data.digest(),
        settings.seed(),
        values,
        Map.of(
            "onnxruntime", runtime.version(), "sluice", version == null ? DEVELOPMENT : version));
  }

  static Map<String, Double> metrics(Evaluation dev, Evaluation probe) {
    Map<String, Double> metrics = new TreeMap<>();
    dev.measures().forEach((name, value) -> metrics.put("dev_" + name, value));
    probe.measures().forEach((name, value) -> metrics.put("linear_probe_" + name, value));
    return metrics;
  }
}
