package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.LoadedTask;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last check before a bundle may answer: in the engine that will serve it, it must give the
 * logits its trainer got, its adapters must make a difference, and no row may depend on the rows of
 * others beside it. Thread-safe.
 */
final class ProbeGate {
  /**
   * What a backbone in fewer bits may do to logits that were trained through all of them, as a
   * share of their spread. Seen with two real bundles: 0.03 and 0.06.
   */
  private static final double ROUNDED_DRIFT = 0.25;

  private final Engine engine;

  ProbeGate(Engine engine) {
    this.engine = requireNonNull(engine, "engine");
  }

  /**
   * @return the largest difference from the probe vectors
   * @throws SluiceException FAILED_PRECONDITION when the bundle fails
   */
  double require(LoadedTask task, AdapterBundle bundle) {
    Probe probe = bundle.probe();
    List<List<float[]>> computed = computed(task, bundle);
    List<float[]> served = computed.get(0);
    double difference = maxDifference(served, probe.logits());
    requireTrue(bundle, difference, served);
    if (!bundle.points().isEmpty()) {
      double effect = maxDifference(computed.get(1), served);
      if (!(effect > ProbeCheck.NO_EFFECT)) {
        throw refused(
            bundle,
            "adapters at points " + bundle.points().keySet() + " change the logits by " + effect,
            "more than " + ProbeCheck.NO_EFFECT,
            null);
      }
    }
    float[] inOtherCompany = computed.get(2).get(0);
    double mixing = maxDifference(List.of(inOtherCompany), served.subList(0, 1));
    if (!(mixing <= ProbeCheck.TOLERANCE)) {
      throw refused(
          bundle,
          "a row's logits change by " + mixing + " with the rows beside it",
          "at most " + ProbeCheck.TOLERANCE,
          null);
    }
    return difference;
  }

  /**
   * The probe, the probe without adapters, and its first row beside a stranger, all at once: under
   * load each run of its own would wait for a batch of its own.
   */
  private List<List<float[]>> computed(LoadedTask task, AdapterBundle bundle) {
    LoadedTask bare = task.withoutAdapters();
    LoadedTask twin = task.twin();
    try {
      return engine.logits(
          List.of(
              new Engine.ProbeRun(task, bundle.probe()),
              new Engine.ProbeRun(bare, bundle.probe()),
              new Engine.ProbeRun(twin, firstBesideStranger(bundle.probe()))));
    } catch (SluiceException e) {
      throw refused(bundle, "cannot be computed: " + e.getMessage(), "logits", e);
    } finally {
      bare.release();
      twin.release();
    }
  }

  private void requireTrue(AdapterBundle bundle, double difference, List<float[]> served) {
    if (engine.precision() == Precision.FP32) {
      if (!(difference <= ProbeCheck.TOLERANCE)) {
        throw refused(
            bundle,
            "logits differ from the probe vectors by " + difference,
            "at most " + ProbeCheck.TOLERANCE,
            null);
      }
      return;
    }
    double drift = LogitDrift.of(bundle.manifest().kind(), served, bundle.probe().logits());
    if (!(drift <= ROUNDED_DRIFT)) {
      throw refused(
          bundle,
          "logits drift from the probe vectors by " + drift + " of their spread",
          "at most " + ROUNDED_DRIFT + " on a backbone in " + engine.precision(),
          null);
    }
  }

  /** The first row and another that is in no probe: itself without its last token. */
  private static Probe firstBesideStranger(Probe probe) {
    long[] ids = probe.ids().get(0);
    long[] typeIds = probe.typeIds().get(0);
    int length = Math.max(1, ids.length - 1);
    float[] logits = probe.logits().get(0);
    return new Probe(
        List.of(ids, Arrays.copyOf(ids, length)),
        List.of(typeIds, Arrays.copyOf(typeIds, length)),
        List.of(logits, logits));
  }

  private static double maxDifference(List<float[]> found, List<float[]> expected) {
    double most = 0;
    for (int row = 0; row < found.size(); row++) {
      float[] a = found.get(row);
      float[] b = expected.get(row);
      if (a.length != b.length) {
        return Double.POSITIVE_INFINITY;
      }
      double difference = ProbeCheck.difference(a, b);
      if (Double.isNaN(difference)) {
        return Double.NaN;
      }
      most = Math.max(most, difference);
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
