package io.sluice.trainer.optim;

import static java.util.Objects.requireNonNull;

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019) over one flat
 * array. Confined to the training thread; owns its moments, not the values.
 *
 * <p>value -= rate * scale * (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + decay *
 * value)
 */
public final class AdamW {
  /**
   * Constants of the rule.
   *
   * @param decay weight decay, in units of the learning rate
   */
  public record Settings(double beta1, double beta2, double epsilon, double decay) {
    public static Settings withDecay(double decay) {
      return new Settings(0.9, 0.999, 1e-8, decay);
    }
  }

  private final Settings settings;
  private final float[] first;
  private final float[] second;
  private final float[] rateScales;

  /** Weight decay of each value, 0 for those without: no branch, so that loops become vectors. */
  private final float[] decays;

  private int updates;

  /**
   * An optimiser with moments at zero.
   *
   * @param rateScales factor of the learning rate for each value
   * @param decayed whether weight decay applies, for each value
   */
  public AdamW(Settings settings, float[] rateScales, boolean[] decayed) {
    this.settings = requireNonNull(settings, "settings");
    this.rateScales = rateScales.clone();
    this.decays = new float[decayed.length];
    for (int i = 0; i < decayed.length; i++) {
      decays[i] = decayed[i] ? (float) settings.decay : 0;
    }
    this.first = new float[rateScales.length];
    this.second = new float[rateScales.length];
  }

  /**
   * Moves the values against their gradients.
   *
   * @param values updated in place
   * @param gradients of the same length; read only
   */
  public void update(float[] values, float[] gradients, double learningRate) {
    update(values, gradients, learningRate, rateScales);
  }

  /**
   * Moves the values against their gradients, with other factors of the rate than its own.
   *
   * @param values updated in place
   * @param gradients of the same length; read only
   * @param scales factor of the learning rate for each value; read only
   */
  public void update(float[] values, float[] gradients, double learningRate, float[] scales) {
    requireLength(values.length);
    requireLength(scales.length);
    requireLength(gradients.length);
    updates++;
    float correction1 = (float) (1 / (1 - StrictMath.pow(settings.beta1, updates)));
    float correction2 = (float) (1 / (1 - StrictMath.pow(settings.beta2, updates)));
    Chunks.ofEach(values.length)
        .forEach(
            chunk ->
                move(
                    chunk,
                    values,
                    gradients,
                    scales,
                    (float) learningRate,
                    correction1,
                    correction2));
  }

  private void move(
      Chunks.Chunk chunk,
      float[] values,
      float[] gradients,
      float[] scales,
      float rate,
      float correction1,
      float correction2) {
    float beta1 = (float) settings.beta1;
    float beta2 = (float) settings.beta2;
    float epsilon = (float) settings.epsilon;
    for (int i = chunk.from(); i < chunk.to(); i++) {
      float g = gradients[i];
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      float direction =
          first[i] * correction1 / ((float) Math.sqrt(second[i] * correction2) + epsilon);
      values[i] -= rate * scales[i] * (direction + decays[i] * values[i]);
    }
  }

  /**
   * The optimiser of a selection of the values: the moments go with them.
   *
   * @param kept for each value of the selection, its index here
   */
  public AdamW select(int[] kept) {
    float[] scales = new float[kept.length];
    boolean[] decayed = new boolean[kept.length];
    for (int i = 0; i < kept.length; i++) {
      scales[i] = rateScales[kept[i]];
      decayed[i] = decays[kept[i]] != 0;
    }
    AdamW selected = new AdamW(settings, scales, decayed);
    for (int i = 0; i < kept.length; i++) {
      selected.first[i] = first[kept[i]];
      selected.second[i] = second[kept[i]];
    }
    selected.updates = updates;
    return selected;
  }

  /**
   * The moments and the number of updates behind them, to go on from later.
   *
   * @param first first moments
   * @param second second moments
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Moments(float[] first, float[] second, int updates) {}

  /** A copy of the moments. */
  public Moments moments() {
    return new Moments(first.clone(), second.clone(), updates);
  }

  /** Goes on from moments of as many values. */
  public void restore(Moments moments) {
    requireLength(moments.first.length);
    requireLength(moments.second.length);
    System.arraycopy(moments.first, 0, first, 0, first.length);
    System.arraycopy(moments.second, 0, second, 0, second.length);
    updates = moments.updates;
  }

  private void requireLength(int length) {
    if (length != first.length) {
      throw new IllegalArgumentException("length: " + length + " (expected: " + first.length + ")");
    }
  }
}
