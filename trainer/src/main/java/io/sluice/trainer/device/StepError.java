package io.sluice.trainer.device;

import io.sluice.trainer.model.ParameterLayout;
import java.util.Arrays;

/**
 * How far a step is from the same step elsewhere. Each error is relative: the norm of the
 * difference over the norm of the reference.
 *
 * @param loss of the loss
 * @param gradients of all weights' gradient
 * @param gates of the gates' gradient
 * @param worst the greatest among the weights' own gradients, each a tensor
 * @param worstName whose that is
 */
public record StepError(
    double loss, double gradients, double gates, double worst, String worstName) {

  /** Runs both and compares. */
  public static StepError between(TrainingStep step, TrainingStep reference) {
    double expected = reference.run();
    double found = step.run();
    double worst = 0;
    String worstName = "none";
    for (ParameterLayout.Slot slot : reference.layout().slots()) {
      int from = slot.offset();
      int to = from + slot.spec().size();
      double error =
          relative(
              Arrays.copyOfRange(step.gradients(), from, to),
              Arrays.copyOfRange(reference.gradients(), from, to));
      if (!(error <= worst)) {
        worst = error;
        worstName =
            slot.spec().name()
                + (slot.owner() == ParameterLayout.HEAD ? "" : " of adapter " + slot.owner());
      }
    }
    return new StepError(
        Math.abs(found - expected) / Math.abs(expected),
        relative(step.gradients(), reference.gradients()),
        relative(step.gateGradients(), reference.gateGradients()),
        worst,
        worstName);
  }

  /** Whether loss and gradients, taken as a whole, are as close as this. */
  public boolean within(double limit) {
    return loss <= limit && gradients <= limit && gates <= limit;
  }

  private static double relative(float[] found, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double apart = (double) found[i] - expected[i];
      difference += apart * apart;
      norm += (double) expected[i] * expected[i];
    }
    return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
  }
}
