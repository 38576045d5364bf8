package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * What the engine made of one row.
 *
 * @param logits output of the head: one per label, or for spans the start logits of the row's
 *     tokens and then their end logits; owned by the receiver
 * @param queueNanos from submission to the start of the batch
 * @param computeNanos the whole batch, from its start to its heads
 * @param marginalNanos the part of {@code computeNanos} spent for this row and no other: blocks
 *     that ran on it alone, its share of its task's adapters and head
 * @param layersRun blocks the row went through; not those below a state that was kept
 * @param layersShared those of them computed once for several rows of the same text
 * @param batchRows rows answered by the batch
 */
@SuppressWarnings("ArrayRecordComponent") // a result is passed on once and never compared
public record RowResult(
    float[] logits,
    long queueNanos,
    long computeNanos,
    long marginalNanos,
    int layersRun,
    int layersShared,
    int batchRows) {
  public RowResult {
    requireNonNull(logits, "logits");
  }

  /** One that was kept from an earlier batch: nothing was run for it. */
  static RowResult kept(float[] logits) {
    return new RowResult(logits, 0, 0, 0, 0, 0, 1);
  }
}
