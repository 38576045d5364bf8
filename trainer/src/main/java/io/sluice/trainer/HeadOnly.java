package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.AdamW;
import java.util.Arrays;
import java.util.List;

/**
 * The probe of a task whose head answers for each token, of which there are too many to keep: the
 * head alone learns, batch by batch, on the untouched backbone. Confined to the training thread.
 */
final class HeadOnly {
  private static final double RATE = 0.01;
  private static final double DECAY = 0.01;
  private static final int EPOCHS = 2;
  private static final int LEAST_STEPS = 60;
  private static final int MOST_STEPS = 240;
  private static final int EVALUATIONS = 3;

  private HeadOnly() {}

  /** How many steps it takes. */
  static int steps(int stepsPerEpoch) {
    return Math.max(LEAST_STEPS, Math.min(MOST_STEPS, EPOCHS * stepsPerEpoch));
  }

  /** Learns, and keeps the head that answers the dev rows best. */
  static HeadStart fit(
      OnnxRuntime runtime,
      Backbone backbone,
      TaskHead head,
      EncodedTask rows,
      TrainSettings settings,
      RunProgress progress) {
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, backbone, head).withPrecision(settings.task().precision());
    ParameterLayout layout = graphs.layout(List.of());
    BatchPlan batches =
        new BatchPlan(
            rows.train().rows().lengths(), settings.optimizer().batchSize(), settings.seed());
    int steps = steps(batches.stepsPerEpoch());
    float[] map = layout.start(settings.seed());
    float[] gradient = new float[map.length];
    float[] rates = new float[map.length];
    Arrays.fill(rates, 1);
    AdamW adam = new AdamW(AdamW.Settings.withDecay(DECAY), rates, layout.decayed());
    try (ForwardSession forward =
            new ForwardSession(runtime, graphs.forward(List.of()), layout.size());
        TrainingSession session =
            new TrainingSession(
                runtime,
                graphs.training(List.of(), false),
                layout.size(),
                0,
                Regularisation.none(backbone.hiddenSize(), head.labels()))) {
      HeadStart best = null;
      for (int step = 0; step < steps; step++) {
        session.step(step, rows.train().rows(), batches.rows(step), map, new float[0]);
        session.gradients(gradient);
        adam.update(map, gradient, RATE * (steps - step) / steps);
        progress.prepared(step + 1, steps);
        if ((step + 1) % Math.max(1, steps / EVALUATIONS) == 0 || step + 1 == steps) {
          Evaluation dev = rows.dev().judge().evaluate(forward.logits(rows.dev().rows(), map));
          if (best == null || settings.task().score(dev) > settings.task().score(best.dev())) {
            best = new HeadStart(head, map.clone(), dev);
          }
        }
      }
      return requireNonNull(best, "best");
    }
  }
}
