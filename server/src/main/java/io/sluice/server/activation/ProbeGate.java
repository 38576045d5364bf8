package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.LogitDrift;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.LoadedTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last check before a bundle may answer: in the engine that will serve it, it must give the
 * logits its trainer got, its adapters must make a difference, and no row may depend on the rows of
 * others beside it. A bundle that has passed in this engine, of one backbone in one precision, is
 * not computed again. Thread-safe.
 */
final class ProbeGate {

  private static final long MOST_REMEMBERED = 16_384;

  private final Engine engine;

  /** What came of the bundles that passed: their largest difference from their probe vectors. */
  private final Cache<Digest, Double> passed =
      Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();

  ProbeGate(Engine engine) {
    this.engine = requireNonNull(engine, "engine");
  }

  /** What came of the bundle's probe in this engine; null when it has not passed, or long ago. */
  @Nullable Double passed(Digest bundle) {
    return passed.getIfPresent(bundle);
  }

  /** Takes over what this engine has found of a bundle in an earlier process. */
  void remember(Digest bundle, double difference) {
    passed.put(bundle, difference);
  }

  /**
   * @return the largest difference from the probe vectors
   * @throws SluiceException FAILED_PRECONDITION when the bundle fails
   */
  double require(LoadedTask task, AdapterBundle bundle) {
    Double known = passed(bundle.digest());
    if (known != null) {
      return known;
    }
    double difference = computed(task, bundle);
    passed.put(bundle.digest(), difference);
    return difference;
  }

  private double computed(LoadedTask task, AdapterBundle bundle) {
    LoadedTask bare = task.withoutAdapters();
    try {
      LoadedTask twin = task.twin();
      try {
        return require(task, bare, twin, bundle);
      } finally {
        twin.release();
      }
    } finally {
      bare.release();
    }
  }

  /**
   * @param bare the task without its adapters
   * @param twin the task as another one
   */
  private double require(LoadedTask task, LoadedTask bare, LoadedTask twin, AdapterBundle bundle) {
    Probe probe = bundle.probe();
    // Row by row, so that none of them is in the way of a request for long; the first of them
    // without adapters too, in the same batch, so that nothing but the adapters makes a difference.
    List<List<Engine.ProbeRun>> groups = new ArrayList<>();
    groups.add(withAndWithout(task, bare, row(probe, 0)));
    for (int i = 1; i < probe.rows(); i++) {
      groups.add(List.of(new Engine.ProbeRun(task, row(probe, i))));
    }
    groups.add(List.of(new Engine.ProbeRun(twin, firstBesideStranger(probe))));
    List<List<float[]>> computed = logits(bundle, groups);
    List<float[]> served = new ArrayList<>();
    computed.subList(0, probe.rows()).forEach(group -> served.add(group.get(0)));
    double difference = ProbeCheck.largestDifference(served, probe.logits());
    requireTrue(bundle, difference, served);
    if (!bundle.points().isEmpty()) {
      double effect = effect(computed.get(0));
      // Nearly always the first row shows it already.
      for (int i = 1; i < probe.rows() && !(effect > ProbeCheck.NO_EFFECT); i++) {
        groups = List.of(withAndWithout(task, bare, row(probe, i)));
        effect = Math.max(effect, effect(logits(bundle, groups).get(0)));
      }
      if (!(effect > ProbeCheck.NO_EFFECT)) {
        throw refused(
            bundle,
            "adapters at points " + bundle.points().keySet() + " change the logits by " + effect,
            "more than " + ProbeCheck.NO_EFFECT,
            null);
      }
    }
    float[] inOtherCompany = computed.get(probe.rows()).get(0);
    double mixing =
        deviceRounds()
            ? LogitDrift.of(bundle.manifest().kind(), List.of(inOtherCompany), served.subList(0, 1))
            : ProbeCheck.largestDifference(List.of(inOtherCompany), served.subList(0, 1));
    double most = deviceRounds() ? LogitDrift.ROUNDED : ProbeCheck.TOLERANCE;
    if (!(mixing <= most)) {
      throw refused(
          bundle,
          "a row's logits change by " + mixing + " with the rows beside it",
          "at most " + most,
          null);
    }
    return difference;
  }

  private static List<Engine.ProbeRun> withAndWithout(LoadedTask task, LoadedTask bare, Probe row) {
    return List.of(new Engine.ProbeRun(task, row), new Engine.ProbeRun(bare, row));
  }

  private static double effect(List<float[]> withAndWithout) {
    return ProbeCheck.largestDifference(withAndWithout.subList(0, 1), withAndWithout.subList(1, 2));
  }

  /** All groups wait at the same time, so that they share batches as far as they may. */
  private List<List<float[]>> logits(AdapterBundle bundle, List<List<Engine.ProbeRun>> groups) {
    try {
      return engine.logits(groups);
    } catch (SluiceException e) {
      throw refused(bundle, "cannot be computed: " + e.getMessage(), "logits", e);
    }
  }

  private void requireTrue(AdapterBundle bundle, double difference, List<float[]> served) {
    if (!deviceRounds()
        && engine.precision() == Precision.FP32
        && bundle.manifest().precision() == Precision.FP32) {
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
    if (!(drift <= LogitDrift.ROUNDED)) {
      throw refused(
          bundle,
          "logits drift from the probe vectors by " + drift + " of their spread",
          "at most "
              + LogitDrift.ROUNDED
              + " on a backbone in "
              + engine.precision()
              + " on "
              + engine.device()
              + ", trained through one in "
              + bundle.manifest().precision(),
          null);
    }
  }

  /** A GPU takes other ways to the same sum for other sizes of batches, and rounds more. */
  private boolean deviceRounds() {
    return engine.device().isCuda();
  }

  private static Probe row(Probe probe, int row) {
    return new Probe(
        List.of(probe.ids().get(row)),
        List.of(probe.typeIds().get(row)),
        List.of(probe.logits().get(row)));
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
