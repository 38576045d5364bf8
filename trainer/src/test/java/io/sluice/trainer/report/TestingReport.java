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
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.task.Abstention;
import io.sluice.trainer.task.Answer;
import io.sluice.trainer.task.Calibration;
import io.sluice.trainer.task.Confidence;
import io.sluice.trainer.task.Reliability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Report data over a made-up history: the manifest's structure is what survived in it, ranks of one
 * kind at one point as one adapter.
 */
final class TestingReport {
  private static final long SEED = 11;

  private TestingReport() {}

  static ReportData data(RunHistory history, List<String> labels) {
    return data(history, labels, TaskKind.CLASSIFY, null);
  }

  /** Of a task of any kind; with an evaluation of that kind, or a confusion of the labels. */
  static ReportData data(
      RunHistory history, List<String> labels, TaskKind kind, @Nullable Evaluation evaluation) {
    List<PointEntry> structure = structure(history);
    HeadEntry head = new HeadEntry("linear", 1542, 0, 3072);
    int points = history.candidates().stream().mapToInt(c -> c.point()).max().orElse(1);
    Digest digest = Digest.of(new byte[] {1});
    Manifest manifest =
        new Manifest(
            BundleFormat.VERSION,
            kind,
            labels,
            kind.name().startsWith("ANSWER") ? List.of("question", "passage") : List.of("text"),
            64,
            kind.answersPerToken() ? Pooling.NONE : Pooling.MEAN,
            1,
            null,
            digest,
            "testing",
            points,
            256,
            structure,
            head,
            Cost.of(structure, head, points),
            Map.of(
                "dev_accuracy",
                0.8,
                "dev_matthews",
                0.6125,
                "dev_negative_log_likelihood",
                0.55,
                "linear_probe_accuracy",
                0.7),
            new Provenance(
                digest,
                1,
                Map.of("rank", "4,16", "kinds", "bottleneck-sequential,low-rank"),
                Map.of("sluice", "test"),
                "a JVM",
                "an OS"));
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
                evaluation == null ? dev : evaluation,
                confidence));
  }

  private static List<PointEntry> structure(RunHistory history) {
    Map<String, PointEntry> merged = new LinkedHashMap<>();
    for (int survivor : history.survivors()) {
      SearchedCandidate c = history.candidates().get(survivor);
      merged.merge(
          c.point() + c.kind(),
          new PointEntry(c.point(), c.kind(), c.rank(), c.parameters(), c.flopsPerToken()),
          (a, b) ->
              new PointEntry(
                  a.point(),
                  a.kind(),
                  a.rank() + b.rank(),
                  a.parameters() + b.parameters(),
                  a.flopsPerToken() + b.flopsPerToken()));
    }
    return List.copyOf(merged.values());
  }

  /** 500 answers, four in five of them right, the surer the righter. */
  private static ReportData answered(List<String> labels, Answered then) {
    int choices = Math.max(2, labels.size());
    Random random = new Random(SEED);
    int[] truth = new int[500];
    int[] answers = new int[truth.length];
    List<Answer> made = new ArrayList<>();
    for (int row = 0; row < truth.length; row++) {
      truth[row] = random.nextInt(choices);
      answers[row] = random.nextInt(5) == 0 ? random.nextInt(choices) : truth[row];
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
    return then.with(Confusion.of(truth, answers, choices), confidence);
  }

  private interface Answered {
    ReportData with(Confusion dev, Confidence confidence);
  }
}
