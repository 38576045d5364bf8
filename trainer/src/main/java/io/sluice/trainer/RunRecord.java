package io.sluice.trainer;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Provenance;
import io.sluice.trainer.metric.Confusion;
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
    Map<String, String> values = new TreeMap<>();
    values.put("batch_size", Integer.toString(settings.batchSize()));
    values.put("budget", settings.budget().toString());
    values.put("clip_norm", Double.toString(settings.clipNorm()));
    values.put("dropout", Double.toString(settings.dropout()));
    values.put("gate_learning_rate", Double.toString(settings.gateLearningRate()));
    values.put("label_smoothing", Double.toString(settings.labelSmoothing()));
    values.put("learning_rate", Double.toString(settings.learningRate()));
    values.put("max_tokens", Integer.toString(settings.maxTokens()));
    values.put("metric", settings.metric().code());
    values.put("patience", Integer.toString(settings.patience()));
    values.put("points", settings.points().isEmpty() ? "all" : settings.points().toString());
    values.put("pooling", pooling.name().toLowerCase(Locale.ROOT));
    values.put("rank", Integer.toString(settings.rank()));
    values.put("steps", Integer.toString(schedule.steps()));
    // Sums are split among threads, so their number is part of what a result is a function of.
    values.put("threads", Integer.toString(runtime.settings().threads()));
    values.put("weight_decay", Double.toString(settings.weightDecay()));
    String version = Trainer.class.getPackage().getImplementationVersion();
    return Provenance.here(
        data.digest(),
        settings.seed(),
        values,
        Map.of(
            "onnxruntime", runtime.version(), "sluice", version == null ? DEVELOPMENT : version));
  }

  static Map<String, Double> metrics(Confusion dev, Confusion probe) {
    Map<String, Double> metrics = new TreeMap<>();
    dev.measures().forEach((name, value) -> metrics.put("dev_" + name, value));
    probe.measures().forEach((name, value) -> metrics.put("linear_probe_" + name, value));
    return metrics;
  }
}
