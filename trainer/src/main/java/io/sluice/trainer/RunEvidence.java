package io.sluice.trainer;

import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.diagnosis.Diagnosis;
import io.sluice.trainer.diagnosis.Finding;
import io.sluice.trainer.diagnosis.Outcome;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.report.ReportData;
import io.sluice.trainer.report.RunReport;
import java.util.List;
import java.util.Map;

/**
 * What a run has to show for itself: its history, what was found in it, and the report made of
 * both. All of it is a function of what was trained, as it goes into the bundle.
 *
 * @param run what was run
 * @param figures what came out
 * @param cost what the survivors cost
 * @param history the course of the run
 * @param outcome the result as the run was chosen by
 * @param findings what went wrong
 */
record RunEvidence(
    RunContext run,
    RunRecord.Figures figures,
    long cost,
    RunHistory history,
    Outcome outcome,
    List<Finding> findings) {

  /** The evidence of a run that is over. */
  static RunEvidence of(RunContext run, RunRecord.Figures figures, long cost) {
    Metric stated = run.settings().task().metric();
    Metric metric = stated == null ? figures.dev().primary() : stated;
    Outcome outcome =
        new Outcome(
            metric.code(),
            metric.of(figures.dev()),
            metric.of(figures.probe()),
            figures.dev().total());
    RunHistory history = run.progress().history();
    return new RunEvidence(run, figures, cost, history, outcome, Diagnosis.of(history, outcome));
  }

  /** The report, for a bundle that says this of itself. */
  Map<String, byte[]> attachments(Manifest manifest) {
    return RunReport.of(
            new ReportData(
                manifest,
                run.backbone().parameters(),
                run.backbone().bodyParameters(),
                (double) cost,
                outcome,
                history,
                findings,
                figures.dev(),
                figures.confidence()))
        .attachments();
  }
}
