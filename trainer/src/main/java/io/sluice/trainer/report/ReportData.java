package io.sluice.trainer.report;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.diagnosis.Finding;
import io.sluice.trainer.diagnosis.Outcome;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.task.Confidence;
import java.util.List;

/**
 * All that a report is made from.
 *
 * @param manifest what the bundle will say of itself
 * @param backboneParameters numbers in the whole backbone
 * @param bodyParameters those without the embedding tables
 * @param cost what the survivors cost, in the history's unit
 * @param outcome what the run reached
 * @param history its course
 * @param findings what went wrong
 * @param dev how the dev rows were answered
 * @param confidence what the answers' probabilities are worth
 */
public record ReportData(
    Manifest manifest,
    long backboneParameters,
    long bodyParameters,
    double cost,
    Outcome outcome,
    RunHistory history,
    List<Finding> findings,
    Evaluation dev,
    Confidence confidence) {
  public ReportData {
    requireNonNull(manifest, "manifest");
    requireNonNull(outcome, "outcome");
    requireNonNull(history, "history");
    findings = List.copyOf(findings);
    requireNonNull(dev, "dev");
    requireNonNull(confidence, "confidence");
  }

  /** Numbers of the adapters alone, without the head. */
  long adapterParameters() {
    return manifest.structure().stream().mapToLong(entry -> entry.parameters()).sum();
  }
}
