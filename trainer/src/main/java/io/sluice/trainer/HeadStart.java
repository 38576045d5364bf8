package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.model.LinearProbe;
import io.sluice.trainer.model.PooledFeatures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The linear probe, which is the baseline and at the same time the head a run starts from (so a run
 * begins no worse than its baseline), and the pooling it does better with.
 */
record HeadStart(Pooling pooling, LinearProbe probe) {

  /** Fits a probe for the pooling asked for, or for both and takes the better. */
  static HeadStart fit(
      OnnxRuntime runtime, TaskRows rows, List<PooledFeatures> features, TrainSettings settings) {
    Pooling wanted = settings.task().pooling();
    List<Pooling> poolings = new ArrayList<>();
    if (wanted == null) {
      poolings.add(Pooling.MEAN);
      poolings.add(Pooling.FIRST);
    } else {
      poolings.add(wanted);
    }
    HeadStart best = null;
    for (Pooling pooling : poolings) {
      LinearProbe probe =
          LinearProbe.fit(
              runtime,
              new LinearProbe.Rows(features.get(0).of(pooling), rows.train().labels()),
              new LinearProbe.Rows(features.get(1).of(pooling), rows.dev().labels()),
              rows.labels(),
              settings.task().metric());
      best = better(best, new HeadStart(pooling, probe), settings);
    }
    return requireNonNull(best, "best");
  }

  private static HeadStart better(
      @Nullable HeadStart one, HeadStart other, TrainSettings settings) {
    return one == null
            || settings.task().metric().of(other.probe.dev())
                > settings.task().metric().of(one.probe.dev())
        ? other
        : one;
  }
}
