package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.LinearProbe;
import io.sluice.trainer.model.PooledFeatures;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.task.TaskRows;
import java.util.ArrayList;
import java.util.List;

/**
 * The linear probe, which is the baseline and at the same time the head a run starts from (so a run
 * begins no worse than its baseline), and the pooling it does better with.
 *
 * @param head the head's form
 * @param map its weights and bias to start from
 * @param dev the probe's answers on the dev rows
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record HeadStart(TaskHead head, float[] map, Evaluation dev) {

  /** Fits a probe for the pooling asked for, or for both and takes the better. */
  static HeadStart fit(
      OnnxRuntime runtime,
      TaskData data,
      EncodedTask rows,
      List<PooledFeatures> features,
      TaskSettings settings) {
    Pooling wanted = settings.pooling();
    List<HeadStart> starts = new ArrayList<>();
    for (Pooling pooling :
        wanted == null ? List.of(Pooling.MEAN, Pooling.FIRST) : List.of(wanted)) {
      LinearHead head = (LinearHead) data.task().head(pooling);
      LinearProbe probe =
          LinearProbe.fit(
              runtime,
              new LinearProbe.Rows(features.get(0).of(pooling), rows.train().rows().targets()),
              new LinearProbe.Rows(features.get(1).of(pooling), rows.dev().rows().targets()),
              head,
              judge(rows.dev(), settings));
      starts.add(new HeadStart(head, probe.headStart(), probe.dev()));
    }
    HeadStart best = null;
    for (HeadStart start : starts) {
      best = best == null || settings.score(start.dev) > settings.score(best.dev) ? start : best;
    }
    return requireNonNull(best, "best");
  }

  private static LinearProbe.Judge judge(TaskRows dev, TaskSettings settings) {
    return new LinearProbe.Judge() {
      @Override
      public Evaluation evaluate(float[][] logits) {
        return dev.judge().evaluate(logits);
      }

      @Override
      public boolean better(Evaluation one, Evaluation than) {
        return settings.score(one) > settings.score(than);
      }
    };
  }
}
