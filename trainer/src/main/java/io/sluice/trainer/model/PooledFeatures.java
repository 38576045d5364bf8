package io.sluice.trainer.model;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What the untouched backbone says of each row, pooled either way: constant through a run, so
 * computed once.
 *
 * @param first first tokens' vectors, (rows, hidden)
 * @param mean mean vectors, (rows, hidden)
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record PooledFeatures(float[][] first, float[][] mean) {

  /** The vectors of one pooling. */
  public float[][] of(Pooling pooling) {
    return pooling == Pooling.FIRST ? first : mean;
  }

  /**
   * Computes them for several sets of rows.
   *
   * @param precision the format the backbone computes with
   * @param done hears of rows done
   */
  public static List<PooledFeatures> compute(
      OnnxRuntime runtime,
      Backbone backbone,
      Precision precision,
      List<EncodedRows> sets,
      IntConsumer done) {
    try (RowForward forward =
        new RowForward(runtime, AdaptedGraphs.features(backbone, precision), null)) {
      return sets.stream().map(rows -> compute(forward, rows, done)).toList();
    }
  }

  private static PooledFeatures compute(RowForward forward, EncodedRows rows, IntConsumer done) {
    Map<String, float[][]> vectors =
        forward.run(
            rows, Map.of(), List.of(Tensors.POOLED_FIRST, Tensors.POOLED_MEAN), done::accept);
    return new PooledFeatures(
        vectors.getOrDefault(Tensors.POOLED_FIRST, new float[0][]),
        vectors.getOrDefault(Tensors.POOLED_MEAN, new float[0][]));
  }
}
