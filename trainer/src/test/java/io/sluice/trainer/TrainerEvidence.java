package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.probe.BundleForward;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Trains on a real task and prints what came out: args = backbone train dev rows key=value... */
final class TrainerEvidence {
  private TrainerEvidence() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    OnnxRuntime runtime = OnnxRuntime.shared();
    Backbone backbone =
        args[0].equals("mini")
            ? SluiceMini.load()
            : BackboneImporter.read(Path.of(args[0]), runtime);
    DatasetReader reader = new DatasetReader(Columns.defaults());
    Dataset train = reader.read(Path.of(args[1]));
    Dataset dev = reader.read(Path.of(args[2]));
    int rows = Integer.parseInt(args[3]);
    if (rows > 0 && rows < train.size()) {
      train = Split.stratified(train, (double) rows / train.size(), 1).dev();
    }
    Dataset test = null;
    if (args[2].equals(args[1])) {
      // No dev rows given: a tenth of the train rows chooses, and the last argument's rows judge.
      Split split = Split.stratified(train, 0.1, 1);
      train = split.train();
      dev = split.dev();
    }
    TrainSettings.Builder settings = TrainSettings.defaults().toBuilder();
    for (int i = 4; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      switch (pair[0]) {
        case "test" -> test = reader.read(Path.of(pair[1]));
        case "lr" -> settings.optimizer(s -> s.learningRate(Double.parseDouble(pair[1])));
        case "glr" -> settings.search(s -> s.gateLearningRate(Double.parseDouble(pair[1])));
        case "steps" -> settings.schedule(s -> s.steps(Integer.valueOf(pair[1])));
        case "batch" -> settings.optimizer(s -> s.batchSize(Integer.parseInt(pair[1])));
        case "rank" -> settings.search(s -> s.ranks(Set.of(Integer.parseInt(pair[1]))));
        case "wd" -> settings.optimizer(s -> s.weightDecay(Double.parseDouble(pair[1])));
        case "clip" -> settings.optimizer(s -> s.clipNorm(Double.parseDouble(pair[1])));
        case "drop" -> settings.optimizer(s -> s.dropout(Double.parseDouble(pair[1])));
        case "smooth" -> settings.optimizer(s -> s.labelSmoothing(Double.parseDouble(pair[1])));
        case "seed" -> settings.seed(Long.parseLong(pair[1]));
        case "points" -> settings.budget(new Budget.Points(Integer.parseInt(pair[1])));
        case "params" -> settings.budget(Budget.parseParameters(pair[1]));
        case "pool" -> settings.task(s -> s.pooling(Pooling.valueOf(pair[1])));
        default -> throw new IllegalArgumentException(args[i]);
      }
    }
    TrainResult result =
        new Trainer(runtime)
            .train(
                backbone,
                train,
                dev,
                settings.build(),
                new ProgressListener() {
                  private double loss;
                  private int steps;

                  @Override
                  public void progressed(Progress p) {
                    loss += p.loss();
                    steps++;
                    if (p.phase() != Phase.PROBE && p.step() % 40 == 0) {
                      StringBuilder open = new StringBuilder();
                      p.gates()
                          .forEach(
                              g -> open.append(" ").append(Math.round(100 * g.openProbability())));
                      System.out.printf(
                          "%5.1fs %-9s %4d/%d loss %.3f cost %.0f/%.0f%s%n",
                          p.elapsedNanos() / 1e9,
                          p.phase(),
                          p.step(),
                          p.steps(),
                          loss / steps,
                          p.expectedCost(),
                          p.budgetInForce(),
                          open);
                      loss = 0;
                      steps = 0;
                    } else if (p.phase() == Phase.PROBE) {
                      loss = 0;
                      steps = 0;
                    }
                  }

                  @Override
                  public void probed(Evaluation c) {
                    System.out.println("probe " + c.measures());
                  }

                  @Override
                  public void evaluated(int step, Evaluation c, boolean best) {
                    System.out.println(
                        "  eval @" + step + " " + c.measures() + (best ? " best" : ""));
                  }
                });
    System.out.printf(
        "RESULT %s probe %.4f bundle %.4f cost %d/%d %s time %.1fs digest %s pooling %s%n",
        String.join(" ", args),
        result.probe().of(Metric.ACCURACY),
        result.dev().of(Metric.ACCURACY),
        result.cost(),
        result.budget(),
        result.unit(),
        result.elapsedNanos() / 1e9,
        result.bundle().digest().shortForm(),
        result.bundle().manifest().pooling());
    System.out.println(
        result.parameters()
            + " share "
            + result.parameters().share()
            + " points "
            + result.bundle().manifest().structure().stream().map(PointEntry::point).toList());
    if (test != null) {
      judge(backbone, runtime, result, test, "bundle");
    }
  }

  private static void judge(
      Backbone backbone, OnnxRuntime runtime, TrainResult result, Dataset test, String name) {
    List<String> labels = result.bundle().manifest().labels();
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone);
        BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        BundleForward forward = new BundleForward(sessions, result.bundle(), runtime)) {
      int right = 0;
      for (Example row : test.examples()) {
        Encoding encoding =
            tokenizer.encode(row.text(), row.pair(), result.bundle().manifest().maxTokens());
        float[][] logits = forward.logits(List.of(encoding));
        right += labels.get(Confusion.answers(logits)[0]).equals(row.label()) ? 1 : 0;
      }
      System.out.printf(
          "TEST %s %.4f of %d rows%n", name, (double) right / test.size(), test.size());
    }
  }
}
