package io.sluice.trainer;

import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.GradientNorm;
import java.util.Arrays;

/**
 * The gradient of a step: of one batch, or of several one after another as if they were one, which
 * takes the memory of one only. Confined to the training thread.
 */
final class StepGradient {
  private final RunContext run;
  private final TrainingSession session;
  private final float[] gradients;
  private final float[] gateGradients;
  private final float[] batchGradients;
  private final float[] batchGateGradients;
  private double norm;

  /**
   * Room for gradients.
   *
   * @param size number of weights
   * @param gates number of gates, 0 for a graph without
   */
  StepGradient(RunContext run, TrainingSession session, int size, int gates) {
    this.run = run;
    this.session = session;
    boolean several = batchesPerStep() > 1;
    gradients = new float[size];
    gateGradients = new float[gates];
    batchGradients = several ? new float[size] : gradients;
    batchGateGradients = several ? new float[gates] : gateGradients;
  }

  /**
   * Computes a step's gradient and clips it.
   *
   * @return mean loss of the step's rows, in nats
   */
  double compute(int step, float[] values, float[] gateValues) {
    double loss =
        batchesPerStep() == 1 ? one(step, values, gateValues) : sum(step, values, gateValues);
    norm = GradientNorm.clip(gradients, run.settings().optimizer().clipNorm());
    TrainingFault.requireFinite(norm, step);
    return loss;
  }

  /** Gradient of the weights, clipped; not copied. */
  float[] gradients() {
    return gradients;
  }

  /** Gradient of the gates; not copied. */
  float[] gateGradients() {
    return gateGradients;
  }

  /** Length of the weights' gradient before it was clipped. */
  double norm() {
    return norm;
  }

  private int batchesPerStep() {
    return run.settings().optimizer().accumulation();
  }

  private double sum(int step, float[] values, float[] gateValues) {
    int count = batchesPerStep();
    int rows = 0;
    for (int i = 0; i < count; i++) {
      rows += run.batches().rows(step * count + i).length;
    }
    Arrays.fill(gradients, 0);
    Arrays.fill(gateGradients, 0);
    double loss = 0;
    for (int i = 0; i < count; i++) {
      // The mean over all rows: a batch counts by its rows, and an epoch's last may have fewer.
      double share = (double) run.batches().rows(step * count + i).length / rows;
      loss += share * one(step * count + i, values, gateValues);
      add(gradients, batchGradients, (float) share);
      add(gateGradients, batchGateGradients, (float) share);
    }
    return loss;
  }

  private double one(int batch, float[] values, float[] gateValues) {
    if (session.expects()) {
      session.expect(run.train(), run.batches().rows(batch + 1));
    }
    double loss = session.step(batch, run.train(), run.batches().rows(batch), values, gateValues);
    session.gradients(batchGradients);
    if (batchGateGradients.length > 0) {
      session.gateGradients(batchGateGradients);
    }
    return loss;
  }

  private static void add(float[] sum, float[] summand, float factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * summand[i];
    }
  }
}
