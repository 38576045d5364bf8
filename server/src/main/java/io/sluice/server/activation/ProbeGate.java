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
    LoadedTask twin = task.twin();
    try {
      return require(task, bare, twin, bundle);
    } finally {
      bare.release();
      twin.release();
    }
  }

  /**
   * @param bare the task without its adapters
   * @param twin the task as another one
   */
  private double require(LoadedTask task, LoadedTask bare, LoadedTask twin, AdapterBundle bundle) {
    Probe probe = bundle.probe();
    int shortest = shortest(probe);
    Probe row = row(probe, shortest);
    // What takes several runs of a row takes those of the shortest, in one batch, so that nothing
    // but the adapters, and nothing but the company, makes a difference. The others row by row, so
    // that none of them is in the way of a request for long.
    List<List<Engine.ProbeRun>> groups = new ArrayList<>();
    groups.add(
        List.of(
            new Engine.ProbeRun(task, row),
            new Engine.ProbeRun(bare, row),
            new Engine.ProbeRun(twin, besideStranger(row))));
    for (int i = 0; i < probe.rows(); i++) {
      if (i != shortest) {
        groups.add(List.of(new Engine.ProbeRun(task, row(probe, i))));
      }
    }
    List<List<float[]>> computed = logits(bundle, groups);
    List<float[]> several = computed.get(0);
    List<float[]> served = new ArrayList<>();
    computed.subList(1, probe.rows()).forEach(group -> served.add(group.get(0)));
    served.add(shortest, several.get(0));
    double difference = maxDifference(served, probe.logits());
    requireTrue(bundle, difference, served);
    if (!bundle.points().isEmpty()) {
      double effect = difference(several.get(0), several.get(1));
      // Nearly always that row shows it already.
      for (int i = 0; i < probe.rows() && !(effect > ProbeCheck.NO_EFFECT); i++) {
        List<float[]> both =
            logits(bundle, List.of(withAndWithout(task, bare, row(probe, i)))).get(0);
        effect = Math.max(effect, difference(both.get(0), both.get(1)));
      }
      if (!(effect > ProbeCheck.NO_EFFECT)) {
        throw refused(
            bundle,
            "adapters at points " + bundle.points().keySet() + " change the logits by " + effect,
            "more than " + ProbeCheck.NO_EFFECT,
            null);
      }
    }
    requireUnmixed(bundle, several.get(2), several.get(0));
    return difference;
  }

  /** A row's logits must be the same whatever lies beside it. */
  private void requireUnmixed(AdapterBundle bundle, float[] inCompany, float[] alone) {
    // A GPU takes other ways to the same sum for other sizes of batches, and rounds more.
    boolean rounds = engine.device().isCuda();
    double mixing =
        rounds
            ? LogitDrift.of(bundle.manifest().kind(), List.of(inCompany), List.of(alone))
            : difference(inCompany, alone);
    double most = rounds ? LogitDrift.ROUNDED : ProbeCheck.TOLERANCE;
    if (!(mixing <= most)) {
      throw refused(
          bundle,
          "a row's logits change by " + mixing + " with the rows beside it",
          "at most " + most,
          null);
    }
  }

  private static int shortest(Probe probe) {
    int shortest = 0;
    for (int i = 1; i < probe.rows(); i++) {
      if (probe.ids().get(i).length < probe.ids().get(shortest).length) {
        shortest = i;
      }
    }
    return shortest;
  }

  private static List<Engine.ProbeRun> withAndWithout(LoadedTask task, LoadedTask bare, Probe row) {
    return List.of(new Engine.ProbeRun(task, row), new Engine.ProbeRun(bare, row));
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
    if (!engine.device().isCuda()
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

  private static Probe row(Probe probe, int row) {
    return new Probe(
        List.of(probe.ids().get(row)),
        List.of(probe.typeIds().get(row)),
        List.of(probe.logits().get(row)));
  }

  /** The one row of {@code row}, and another: itself without its last token, or with it twice. */
  private static Probe besideStranger(Probe row) {
    long[] ids = row.ids().get(0);
    long[] typeIds = row.typeIds().get(0);
    float[] logits = row.logits().get(0);
    return new Probe(
        List.of(ids, resized(ids)), List.of(typeIds, resized(typeIds)), List.of(logits, logits));
  }

  private static long[] resized(long[] tokens) {
    int last = tokens.length - 1;
    long[] resized = Arrays.copyOf(tokens, last > 0 ? last : tokens.length + 1);
    if (last == 0) {
      resized[1] = tokens[0];
    }
    return resized;
  }

  private static double maxDifference(List<float[]> found, List<float[]> expected) {
    double most = 0;
    for (int row = 0; row < found.size(); row++) {
      double difference = difference(found.get(row), expected.get(row));
      if (Double.isNaN(difference)) {
        return Double.NaN;
      }
      most = Math.max(most, difference);
    }
    return most;
  }

  private static double difference(float[] found, float[] expected) {
    return found.length == expected.length
        ? ProbeCheck.difference(found, expected)
        : Double.POSITIVE_INFINITY;
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
