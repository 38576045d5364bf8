package io.sluice.trainer.model;

import io.sluice.backbone.runtime.Tensor;

/** What feeds one input of a graph with numbers of each batch's own, beside its tokens. */
interface BatchFeed {
  /** Name of the input. */
  String input();

  /**
   * A tensor (rows, longest, width), float32, for some rows; its memory is used again for the next.
   *
   * @param longest tokens of the longest of the rows
   */
  Tensor tensor(EncodedRows all, int[] rows, int longest);

  /** Whether it gains by being told of a batch before. */
  default boolean prepares() {
    return false;
  }

  /**
   * Puts a batch together that will perhaps be asked for next, beside the last one, which stays as
   * it is. In any thread, but nothing else is asked for until it returns.
   */
  default void prepare(EncodedRows all, int[] rows) {}
}
