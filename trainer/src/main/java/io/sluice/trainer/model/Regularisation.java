package io.sluice.trainer.model;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.random.CounterRandom;
import java.nio.FloatBuffer;

/**
 * What keeps a model from learning few rows by heart: dropout of pooled features (Srivastava et al.
 * 2014) and smoothed labels (Szegedy et al. 2016). Its memory is used again for the next step:
 * close one step's tensors before the next are made. Confined to the training thread.
 */
public final class Regularisation {
  private final int hidden;
  private final int labels;
  private final double dropout;
  private final double smoothing;
  private final CounterRandom random;
  private FloatBuffer targets = DirectBuffers.floats(0);
  private FloatBuffer keep = DirectBuffers.floats(0);

  /**
   * Settings of both.
   *
   * @param dropout share of a pooled vector's numbers that a step goes without
   * @param smoothing share of a target that is spread over all labels
   */
  public Regularisation(int hidden, int labels, double dropout, double smoothing, long seed) {
    this.hidden = hidden;
    this.labels = labels;
    this.dropout = dropout;
    this.smoothing = smoothing;
    this.random = new CounterRandom(seed, CounterRandom.Stream.DROPOUT);
  }

  /** Neither of them. */
  public static Regularisation none(int hidden, int labels) {
    return new Regularisation(hidden, labels, 0, 0, 0);
  }

  /**
   * Targets of a batch, in the shape of {@link Targets#shape}.
   *
   * @param longest tokens of its longest row
   */
  HostTensor targets(OnnxRuntime runtime, EncodedRows all, int[] rows, int longest) {
    long[] shape = all.targets().shape(rows.length, labels, longest);
    int size = 1;
    for (long axis : shape) {
      size = Math.toIntExact(size * axis);
    }
    if (targets.capacity() < size) {
      targets = DirectBuffers.floats(size);
    }
    FloatBuffer filled = targets.duplicate().position(0).limit(size);
    all.targets().write(rows, labels, longest, smoothing, filled);
    return HostTensor.floats(runtime, filled, shape);
  }

  /** Factors (rows, hidden): 0 where dropped, else such that the mean stays. */
  HostTensor keep(OnnxRuntime runtime, int step, int rows) {
    int size = rows * hidden;
    if (keep.capacity() < size) {
      keep = DirectBuffers.floats(size);
    }
    FloatBuffer filled = keep.duplicate().position(0).limit(size);
    float kept = (float) (1 / (1 - dropout));
    for (int i = 0; i < size; i++) {
      filled.put(i, dropout > 0 && random.uniform(step, i) < dropout ? 0 : kept);
    }
    return HostTensor.floats(runtime, filled, rows, hidden);
  }
}
