package io.sluice.trainer.compile;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.probe.LogitDrift;
import io.sluice.registry.probe.ProbeCheck;
import java.util.List;

/**
 * The check that compiled graphs answer as the graph did that was trained. It is to find what was
 * compiled wrongly, not what was rounded otherwise: both compute the same sums in another order and
 * through other kernels. Stateless.
 */
final class TrainingParity {
  /**
   * Largest difference of a row's logits, as {@link ProbeCheck#difference} measures it, of a
   * backbone in 32 bits. In 87 runs rounding came to 1.4e-4 at most, and to fail for it at the end
   * of a run costs all of it.
   */
  static final double MOST = 1e-3;

  private TrainingParity() {}

  /**
   * Compares row by row.
   *
   * @param compiled logits of the compiled graphs
   * @param trained those of the graph that was trained, as many
   * @throws SluiceException FAILED_PRECONDITION when they are of another task
   */
  static void require(Manifest manifest, List<float[]> compiled, List<float[]> trained) {
    boolean rounds = manifest.precision() != Precision.FP32;
    double most = rounds ? LogitDrift.ROUNDED : MOST;
    double found =
        rounds
            ? LogitDrift.of(manifest.kind(), compiled, trained)
            : ProbeCheck.largestDifference(compiled, trained);
    if (!(found <= most)) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "compiled task: its logits "
              + (rounds ? "drift by " + found + " of their spread" : "differ by " + found)
              + " from those of the graph that was trained (expected: at most "
              + most
              + ")");
    }
  }
}
