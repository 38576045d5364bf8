package io.sluice.backbone;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.importer.EmbeddingTables;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison of a cut backbone with its uncut model showed, on random batches of ragged
 * rows. Errors are the greatest absolute differences over positions that are not padding.
 *
 * @param batches number of batches compared
 * @param cutError prologue, blocks and epilogue run one after another, against the uncut model
 * @param sliceError the blocks run on some rows of a batch, against the same rows of the whole
 *     batch
 * @param paddingError a row by itself, against the same row padded within a batch: a property of
 *     the model, not the cut
 * @param greatestValue greatest absolute value of the uncut model's output, to judge the errors by
 */
public record BackboneVerification(
    int batches, double cutError, double sliceError, double paddingError, double greatestValue) {
  /**
   * The greatest cut and slice error that passes, for values up to 1; in proportion for greater
   * ones.
   */
  public static final double TOLERANCE = 1e-5;

  private static final int[][] SIZES = {{1, 5}, {2, 12}, {3, 21}, {4, 33}};
  private static final BackboneVerification NOTHING = new BackboneVerification(0, 0, 0, 0, 0);

  /** Whether the cut is as good as the uncut model. */
  public boolean passes() {
    double allowed = TOLERANCE * Math.max(1, greatestValue);
    return cutError <= allowed && sliceError <= allowed;
  }

  /** Compares with {@link Backbone#whole()}. */
  public static BackboneVerification of(Backbone backbone, OnnxRuntime runtime, long seed) {
    return of(backbone, backbone.whole(), runtime, seed);
  }

  /**
   * Compares with a model as its exporter wrote it; where it has several outputs that could be the
   * hidden states, with the closest.
   */
  public static BackboneVerification of(
      Backbone backbone, Graph untouched, OnnxRuntime runtime, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    EmbeddingTables tables = EmbeddingTables.of(backbone.whole());
    BackboneVerification result = NOTHING;
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        OnnxSession session = runtime.open(untouched, SessionSettings.defaults())) {
      CutForward cut = new CutForward(sessions, runtime);
      UncutModel uncut = new UncutModel(session, runtime);
      for (int[] size : SIZES) {
        int tokens = Math.min(size[1], backbone.maxPositions());
        SampleBatch batch =
            SampleBatch.ragged(random, size[0], tokens, tables.words(), tables.types() > 1);
        result = result.and(compare(cut, uncut, batch, backbone.hiddenSize()));
      }
    }
    return result;
  }

  private static BackboneVerification compare(
      CutForward cut, UncutModel uncut, SampleBatch batch, int hiddenSize) {
    Map<String, TensorData> start = cut.prologue(batch);
    TensorData hidden = cut.body(start);
    double cutError = Double.POSITIVE_INFINITY;
    double greatest = 0;
    List<TensorData> references = uncut.hiddenStates(batch, hiddenSize);
    for (TensorData reference : references) {
      double error = error(hidden, reference, batch, 0);
      if (error <= cutError) {
        cutError = error;
        greatest = error(reference, null, batch, 0);
      }
    }
    int half = (batch.rows() + 1) / 2;
    double sliceError = 0;
    double paddingError = 0;
    for (int from = 0; from < batch.rows(); from += half) {
      int to = Math.min(batch.rows(), from + half);
      TensorData slice = cut.body(cut.rows(start, from, to));
      sliceError =
          Math.max(sliceError, error(slice, CutForward.rows(hidden, from, to), batch, from));
    }
    for (int row = 0; row < batch.rows(); row++) {
      TensorData alone = cut.body(cut.prologue(batch.alone(row)));
      TensorData padded = CutForward.rows(hidden, row, row + 1);
      paddingError = Math.max(paddingError, error(alone, padded, batch, row));
    }
    return new BackboneVerification(1, cutError, sliceError, paddingError, greatest);
  }

  /**
   * The greatest difference where the mask is 1; {@code expected} may have more tokens to a row, or
   * be null for zeros.
   *
   * @param firstRow the row of {@code batch} that is row 0 of both
   */
  private static double error(
      TensorData actual, @Nullable TensorData expected, SampleBatch batch, int firstRow) {
    float[] left = actual.toFloats();
    float[] right = expected == null ? null : expected.toFloats();
    int rows = (int) actual.shape()[0];
    int hidden = (int) actual.shape()[2];
    int leftStride = (int) actual.shape()[1] * hidden;
    int rightStride = expected == null ? 0 : (int) expected.shape()[1] * hidden;
    double greatest = 0;
    for (int row = 0; row < rows; row++) {
      int elements = batch.length(firstRow + row) * hidden;
      for (int i = 0; i < elements; i++) {
        double difference =
            Math.abs(
                (double) left[row * leftStride + i]
                    - (right == null ? 0 : right[row * rightStride + i]));
        greatest =
            difference <= greatest
                ? greatest
                : Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
      }
    }
    return greatest;
  }

  private BackboneVerification and(BackboneVerification other) {
    return new BackboneVerification(
        batches + other.batches,
        Math.max(cutError, other.cutError),
        Math.max(sliceError, other.sliceError),
        Math.max(paddingError, other.paddingError),
        Math.max(greatestValue, other.greatestValue));
  }
}
