package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.LoadedTask;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last check before a bundle may answer: in the engine that will serve it, it must give the
 * logits its trainer got, and its adapters must make a difference. Thread-safe.
 */
final class ProbeGate {
  /*
   * Two ways through the same graphs differ by rounding only; adapters that change no logit of any
   * probe row by more than that were lost on the way.
   */
  private static final double NO_EFFECT = 1e-6;

  private final Engine engine;

  ProbeGate(Engine engine) {
    this.engine = requireNonNull(engine, "engine");
  }

  /**
   * @return the largest difference from the probe vectors
   * @throws SluiceException FAILED_PRECONDITION when the bundle fails
   */
  double require(LoadedTask task, AdapterBundle bundle) {
    List<float[]> served = computed(task, bundle);
    double difference = maxDifference(served, bundle.probe().logits());
    if (!(difference <= ProbeCheck.TOLERANCE)) {
      throw refused(
          bundle,
          "logits differ from the probe vectors by " + difference,
          "at most " + ProbeCheck.TOLERANCE,
          null);
    }
    if (!bundle.points().isEmpty()) {
      LoadedTask bare = task.withoutAdapters();
      try {
        double effect = maxDifference(computed(bare, bundle), served);
        if (!(effect > NO_EFFECT)) {
          throw refused(
              bundle,
              "adapters at points " + bundle.points().keySet() + " change the logits by " + effect,
              "more than " + NO_EFFECT,
              null);
        }
      } finally {
        bare.release();
      }
    }
    return difference;
  }

  private List<float[]> computed(LoadedTask task, AdapterBundle bundle) {
    try {
      return engine.logits(task, bundle.probe());
    } catch (SluiceException e) {
      throw refused(bundle, "cannot be computed: " + e.getMessage(), "logits", e);
    }
  }

  private static double maxDifference(List<float[]> found, List<float[]> expected) {
    double most = 0;
    for (int row = 0; row < found.size(); row++) {
      float[] a = found.get(row);
      float[] b = expected.get(row);
      if (a.length != b.length) {
        return Double.POSITIVE_INFINITY;
      }
      for (int i = 0; i < a.length; i++) {
        double difference = Math.abs((double) a[i] - b[i]);
        if (Double.isNaN(difference)) {
          return Double.NaN;
        }
        most = Math.max(most, difference);
      }
    }
    return most;
  }

  private static SluiceException refused(
      AdapterBundle bundle, String found, String expected, @Nullable Throwable cause) {
    return new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "bundle "
            + bundle.digest().shortForm()
            + ": probe: "
            + found
            + " (expected: "
            + expected
            + "); not activated",
        cause);
  }
}
