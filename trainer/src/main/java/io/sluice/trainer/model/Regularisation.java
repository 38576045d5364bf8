package io.sluice.trainer.model;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.random.CounterRandom;
import java.nio.FloatBuffer;

/**
 * What keeps a model from learning few rows by heart: dropout of pooled features (Srivastava et al.
 * 2014) and of what adapters add, and smoothed labels (Szegedy et al. 2016). Its memory is used
 * again for the next step: close one step's tensors before the next are made. Confined to the
 * training thread.
 */
public final class Regularisation {
  private final int hidden;
  private final int labels;
  private final double dropout;
  private final double smoothing;
  private final double adapterDropout;
  private final CounterRandom random;
  private final CounterRandom adapterRandom;
  private FloatBuffer targets = DirectBuffers.floats(0);
  private FloatBuffer keep = DirectBuffers.floats(0);

  /** How many numbers of that are ones already, without dropout. */
  private int kept;

  private FloatBuffer adapterKeep = DirectBuffers.floats(0);

  /**
   * Settings of both.
   *
   * @param dropout share of a pooled vector's numbers that a step goes without
   * @param smoothing share of a target that is spread over all labels
   */
  public Regularisation(int hidden, int labels, double dropout, double smoothing, long seed) {
    this(hidden, labels, dropout, smoothing, 0, seed);
  }

  /**
   * Settings of all.
   *
   * @param dropout share of a pooled vector's numbers that a step goes without
   * @param smoothing share of a target that is spread over all labels
   * @param adapterDropout share of what an adapter adds that a step goes without
   */
  public Regularisation(
      int hidden, int labels, double dropout, double smoothing, double adapterDropout, long seed) {
    this.hidden = hidden;
    this.labels = labels;
    this.dropout = dropout;
    this.smoothing = smoothing;
    this.adapterDropout = adapterDropout;
    this.random = new CounterRandom(seed, CounterRandom.Stream.DROPOUT);
    this.adapterRandom = new CounterRandom(seed, CounterRandom.Stream.ADAPTER_DROPOUT);
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
      targets = runtime.transferFloats(size);
    }
    FloatBuffer filled = targets.duplicate().position(0).limit(size);
    all.targets().write(rows, labels, longest, smoothing, filled);
    return HostTensor.floats(runtime, filled, shape);
  }

  /** Factors (rows, hidden): 0 where dropped, else such that the mean stays. */
  HostTensor keep(OnnxRuntime runtime, int step, int rows) {
    int size = rows * hidden;
    if (keep.capacity() < size) {
      keep = runtime.transferFloats(size);
      kept = 0;
    }
    FloatBuffer filled = keep.duplicate().position(0).limit(size);
    if (dropout > 0 || kept < size) {
      fill(filled, random, step, dropout);
      kept = size;
    }
    return HostTensor.floats(runtime, filled, rows, hidden);
  }

  /** Factors (adapters, rows, 1, hidden): 0 where dropped, else such that the mean stays. */
  HostTensor adapterKeep(OnnxRuntime runtime, int step, int adapters, int rows) {
    int size = Math.multiplyExact(adapters, rows * hidden);
    if (adapterKeep.capacity() < size) {
      adapterKeep = runtime.transferFloats(size);
    }
    FloatBuffer filled = adapterKeep.duplicate().position(0).limit(size);
    fill(filled, adapterRandom, step, adapterDropout);
    return HostTensor.floats(runtime, filled, adapters, rows, 1, hidden);
  }

  private static void fill(FloatBuffer factors, CounterRandom random, int step, double dropout) {
    float kept = (float) (1 / (1 - dropout));
    for (int i = 0; i < factors.limit(); i++) {
      factors.put(i, dropout > 0 && random.uniform(step, i) < dropout ? 0 : kept);
    }
  }
}
