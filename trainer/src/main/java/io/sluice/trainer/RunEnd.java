package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.compile.BundleCompiler;
import io.sluice.trainer.compile.TrainedTask;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.task.Confidence;
import java.util.List;

/** The end of a run: what was frozen learns on, and is compiled into a bundle. */
final class RunEnd {
  private RunEnd() {}

  /**
   * Runs the steps that are left, and compiles.
   *
   * @param prepared the run
   * @param fineTuning its last part
   */
  static TrainResult of(PreparedRun prepared, FineTuning fineTuning) {
    RunContext run = prepared.run();
    FrozenStructure structure = fineTuning.structure();
    WeightLearning.State tuned = fineTuning.tune();
    fineTuning.keep(tuned);
    WeightLearning.Best best = tuned.best();
    Confidence confidence =
        Confidence.of(run.judge(), best.logits(), run.settings().task().abstainBelow());
    RunRecord.Figures figures =
        new RunRecord.Figures(best.dev(), confidence, prepared.start().dev());
    RunEvidence evidence = RunEvidence.of(run, figures, structure.cost());
    AdapterBundle bundle = compile(run, prepared.data(), structure.candidates(), best, evidence);
    return new TrainResult(
        run.settings().search().method(),
        bundle,
        best.dev(),
        prepared.start().dev(),
        confidence,
        structure.cost(),
        run.budget().limit(),
        run.budget().unit(),
        counts(run.backbone(), bundle, run.head()),
        evidence.history(),
        evidence.findings(),
        tuned.step(),
        run.progress().elapsedNanos());
  }

  private static AdapterBundle compile(
      RunContext run,
      TaskData data,
      List<Candidate> structure,
      WeightLearning.Best best,
      RunEvidence evidence) {
    ParameterLayout layout = run.graphs().layout(structure);
    EncodedRows probe = ProbeRows.of(run.dev());
    float[][] logits;
    // What the bundle is held to for ever, on any machine.
    OnnxRuntime cpu = run.runtime().onCpu();
    try (ForwardSession forward =
        new ForwardSession(cpu, run.graphs().forward(structure), layout.size())) {
      logits = forward.logits(probe, best.values());
    }
    Confidence confidence = evidence.figures().confidence();
    TrainedTask task =
        new TrainedTask(
            run.backbone(),
            structure,
            run.head(),
            layout,
            best.values(),
            data.task().kind(),
            data.task().labels(),
            new Decision(confidence.calibration().temperature(), confidence.threshold()),
            data.train().textFields(),
            run.settings().task().maxTokens(),
            evidence.figures().metrics(),
            RunRecord.provenance(data, run));
    return new BundleCompiler(cpu).compile(task, probe.encodings(), logits, evidence::attachments);
  }

  private static TrainResult.ParameterCounts counts(
      Backbone backbone, AdapterBundle bundle, TaskHead head) {
    long adapters = bundle.manifest().structure().stream().mapToLong(PointEntry::parameters).sum();
    long headCount =
        head.parameters(backbone.hiddenSize()).stream().mapToLong(spec -> spec.size()).sum();
    return new TrainResult.ParameterCounts(
        adapters, headCount, backbone.parameters(), backbone.bodyParameters());
  }
}
