package io.sluice.trainer.report;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.Cost;
import io.sluice.registry.bundle.HeadEntry;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.diagnosis.Diagnosis;
import io.sluice.trainer.diagnosis.Outcome;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.task.Abstention;
import io.sluice.trainer.task.Answer;
import io.sluice.trainer.task.Calibration;
import io.sluice.trainer.task.Confidence;
import io.sluice.trainer.task.Reliability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Report data over a made-up history: the manifest's structure is what survived in it. */
final class TestingReport {
  private static final long SEED = 11;

  private TestingReport() {}

  static ReportData data(RunHistory history, List<String> labels) {
    List<PointEntry> structure =
        history.survivors().stream()
            .map(history.candidates()::get)
            .map(
                c ->
                    new PointEntry(
                        c.point(), c.kind(), c.rank(), c.parameters(), c.flopsPerToken()))
            .toList();
    HeadEntry head = new HeadEntry("linear", 1542, 0, 3072);
    int points = history.candidates().stream().mapToInt(c -> c.point()).max().orElse(1);
    Digest digest = Digest.of(new byte[] {1});
    Manifest manifest =
        new Manifest(
            BundleFormat.VERSION,
            TaskKind.CLASSIFY,
            labels,
            List.of("text"),
            64,
            Pooling.MEAN,
            1,
            null,
            digest,
            "testing",
            points,
            256,
            structure,
            head,
            Cost.of(structure, head, points),
            Map.of("dev_accuracy", 0.8, "linear_probe_accuracy", 0.7),
            new Provenance(
                digest, 1, Map.of("rank", "16"), Map.of("sluice", "test"), "a JVM", "an OS"));
    Outcome outcome = new Outcome("accuracy", 0.8, 0.7, 500);
    double cost =
        history.survivors().stream().mapToDouble(i -> history.candidates().get(i).cost()).sum();
    return answered(
        labels,
        (dev, confidence) ->
            new ReportData(
                manifest,
                13_800_000,
                9_500_000,
                cost,
                outcome,
                history,
                Diagnosis.of(history, outcome),
                dev,
                confidence));
  }

  /** 500 answers, four in five of them right, the surer the righter. */
  private static ReportData answered(List<String> labels, Answered then) {
    Random random = new Random(SEED);
    int[] truth = new int[500];
    int[] answers = new int[truth.length];
    List<Answer> made = new ArrayList<>();
    for (int row = 0; row < truth.length; row++) {
      truth[row] = random.nextInt(labels.size());
      answers[row] = random.nextInt(5) == 0 ? random.nextInt(labels.size()) : truth[row];
      boolean right = answers[row] == truth[row];
      made.add(new Answer(right ? 0.5 + 0.5 * random.nextDouble() : 0.5, right ? 1 : 0, 0));
    }
    Reliability reliability = Reliability.of(made);
    Confidence confidence =
        new Confidence(
            new Calibration(1.25, 0.6, 0.55),
            reliability,
            reliability,
            null,
            Abstention.at(0, made));
    return then.with(Confusion.of(truth, answers, labels.size()), confidence);
  }

  private interface Answered {
    ReportData with(Confusion dev, Confidence confidence);
  }
}
