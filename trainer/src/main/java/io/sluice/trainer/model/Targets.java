package io.sluice.trainer.model;

import java.nio.FloatBuffer;

/**
 * What the loss holds the answers to some rows against. Each kind writes it in the shape its {@link
 * Loss} reads, with the weight of each row, 1 / rows of the batch, worked in. Immutable.
 */
public sealed interface Targets permits ClassTargets, LabelSetTargets, SpanTargets, ValueTargets {
  /** How many rows there are targets for. */
  int size();

  /** Those of some rows, in that order. */
  Targets of(int... rows);

  /**
   * Shape of the targets of a batch.
   *
   * @param rows rows of the batch
   * @param labels numbers a row is answered with
   * @param longest tokens of its longest row
   */
  long[] shape(int rows, int labels, int longest);

  /**
   * Writes the targets of a batch, row-major, in that shape.
   *
   * @param rows numbers of its rows
   * @param smoothing share of a target that is spread over all labels, where there are labels
   * @param into room for exactly the shape; every element is written
   */
  void write(int[] rows, int labels, int longest, double smoothing, FloatBuffer into);
}
