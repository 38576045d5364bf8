package io.sluice.registry.probe;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The gate a bundle passes before it is written or served: on its own probe rows it must answer as
 * it promises, its adapters must do something, and no row may depend on another. Stateless.
 */
public final class ProbeCheck {
  /**
   * Largest {@link #difference} of a row's logits that counts as the same answer. A bundle promises
   * what its own graphs answer where it was trained; other kernels, another processor's or those of
   * a session over many blocks, round otherwise. Twice the 1.4e-4 that two ways of computing one
   * task were apart at most, in 87 runs.
   */
  public static final double TOLERANCE = 3e-4;

  /**
   * Adapters that move no logit by more than this do nothing: two ways through the same graphs
   * differ as much by rounding.
   */
  public static final double NO_EFFECT = 1e-6;

  private static final int BATCH_ROWS = 16;

  private ProbeCheck() {}

  /**
   * Runs the probe of {@code bundle}.
   *
   * @param backbone in the format the bundle was trained through
   * @return what was measured; within the limits
   * @throws SluiceException FAILED_PRECONDITION when a limit is broken or it cannot be run;
   *     INVALID_ARGUMENT when a graph cannot be compiled
   * @throws io.sluice.registry.bundle.BackboneMismatchException when the bundle is for another
   *     backbone
   */
  public static ProbeReport run(
      BackboneSessions backbone, AdapterBundle bundle, OnnxRuntime runtime) {
    try (BundleForward forward = new BundleForward(backbone, bundle, runtime)) {
      return run(forward, bundle);
    }
  }

  /**
   * What {@code bundle} answers to its probe rows: what it may promise.
   *
   * @param backbone in the format the bundle was trained through
   * @return per row as many logits as the probe has
   * @throws SluiceException as {@link #run(BackboneSessions, AdapterBundle, OnnxRuntime)} when it
   *     cannot be run
   */
  public static List<float[]> answers(
      BackboneSessions backbone, AdapterBundle bundle, OnnxRuntime runtime) {
    try (BundleForward forward = new BundleForward(backbone, bundle, runtime)) {
      return List.of(inBatches(encodings(bundle.probe()), forward::logits, bundle));
    }
  }

  private static ProbeReport run(BundleForward forward, AdapterBundle bundle) {
    List<Encoding> rows = encodings(bundle.probe());
    float[][] answers = inBatches(rows, forward::logits, bundle);
    double error = difference(answers, bundle.probe().logits(), bundle);
    if (bundle.manifest().precision() == Precision.FP32) {
      require(error <= TOLERANCE, bundle, "logits differ by " + error, "at most " + TOLERANCE);
    } else {
      double drift =
          LogitDrift.of(bundle.manifest().kind(), List.of(answers), bundle.probe().logits());
      require(
          drift <= LogitDrift.ROUNDED,
          bundle,
          "logits drift by " + drift + " of their spread",
          "at most " + LogitDrift.ROUNDED);
    }

    double effect = 0;
    if (!bundle.points().isEmpty()) {
      float[][] bare = inBatches(rows, forward::logitsWithoutAdapters, bundle);
      effect = difference(answers, List.of(bare), bundle);
      require(
          effect > NO_EFFECT,
          bundle,
          "its " + bundle.points().size() + " adapters move no logit by more than " + effect,
          "an effect above " + NO_EFFECT);
    }

    List<float[]> elsewhere = new ArrayList<>();
    for (Encoding row : rows) {
      List<Encoding> company = rows.size() > 1 ? List.of(row) : List.of(row, shorter(row));
      elsewhere.add(computed(company, forward::logits, bundle)[0]);
    }
    double mixing = difference(answers, elsewhere, bundle);
    require(
        mixing <= TOLERANCE,
        bundle,
        "a row's logits change by " + mixing + " with the rows beside it",
        "at most " + TOLERANCE);
    return new ProbeReport(error, effect, mixing);
  }

  /** Company for a row that has none: itself without its last token. */
  private static Encoding shorter(Encoding row) {
    int length = Math.max(1, row.ids().length - 1);
    return new Encoding(
        Arrays.copyOf(row.ids(), length), Arrays.copyOf(row.typeIds(), length), true);
  }

  /** The rows of a probe as the tokenizer would hand them over. */
  public static List<Encoding> encodings(Probe probe) {
    List<Encoding> rows = new ArrayList<>();
    for (int row = 0; row < probe.rows(); row++) {
      rows.add(new Encoding(probe.ids().get(row), probe.typeIds().get(row), false));
    }
    return rows;
  }

  /** Keeps the memory of a long probe within bounds; rows still meet others. */
  private static float[][] inBatches(
      List<Encoding> rows, Function<List<Encoding>, float[][]> forward, AdapterBundle bundle) {
    float[][] answers = new float[rows.size()][];
    for (int from = 0; from < answers.length; from += BATCH_ROWS) {
      int to = Math.min(from + BATCH_ROWS, answers.length);
      float[][] batch = computed(rows.subList(from, to), forward, bundle);
      System.arraycopy(batch, 0, answers, from, to - from);
    }
    return answers;
  }

  /** What fails on a bundle's own rows is the bundle's fault, not the runtime's. */
  private static float[][] computed(
      List<Encoding> rows, Function<List<Encoding>, float[][]> forward, AdapterBundle bundle) {
    try {
      return forward.apply(rows);
    } catch (SluiceException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw e;
      }
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          bundle + ": probe: cannot be computed: " + e.getMessage(),
          e);
    }
  }

  private static double difference(float[][] found, List<float[]> expected, AdapterBundle bundle) {
    double largest = 0;
    for (int row = 0; row < found.length; row++) {
      float[] other = expected.get(row);
      require(
          found[row].length == other.length,
          bundle,
          "row " + row + ": " + found[row].length + " logits",
          String.valueOf(other.length));
      double difference = difference(found[row], other);
      // Not a number is as wrong as can be, and must not hide behind a comparison.
      largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
    }
    return largest;
  }

  /**
   * The largest difference of a row's logits, in units of the largest of them, but never of less
   * than 1: they are sums over the same hidden state and float32 has seven digits, so rows of large
   * logits differ in proportion.
   *
   * @param expected of the same length
   * @return not a number if any difference is not
   */
  public static double difference(float[] found, float[] expected) {
    double unit = 1;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      unit = Math.max(unit, Math.abs(expected[i]));
      double difference = Math.abs((double) found[i] - expected[i]);
      if (Double.isNaN(difference)) {
        return Double.NaN;
      }
      largest = Math.max(largest, difference);
    }
    return largest / unit;
  }

  /**
   * The largest {@link #difference(float[], float[])} of all rows.
   *
   * @param found at least as many rows as {@code expected}
   * @return infinite if a row has another number of logits, not a number if any difference is not
   */
  public static double largestDifference(List<float[]> found, List<float[]> expected) {
    double largest = 0;
    for (int row = 0; row < expected.size(); row++) {
      float[] one = found.get(row);
      float[] other = expected.get(row);
      if (one.length != other.length) {
        return Double.POSITIVE_INFINITY;
      }
      double difference = difference(one, other);
      if (Double.isNaN(difference)) {
        return Double.NaN;
      }
      largest = Math.max(largest, difference);
    }
    return largest;
  }

  private static void require(boolean holds, AdapterBundle bundle, String found, String expected) {
    if (!holds) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          bundle + ": probe: " + found + " (expected: " + expected + ")");
    }
  }
}
