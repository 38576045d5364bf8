package io.sluice.server.engine;

import io.sluice.backbone.runtime.TensorMemory;

/**
 * The buffers hidden states pass through, and what each is for at the moment: the input of the
 * block, its output, and one to spare. Nothing is ever read and written in the same run. Confined
 * to one engine thread.
 */
final class Activations implements AutoCloseable {
  private FloatArena input;
  private FloatArena output;
  private FloatArena spare;

  Activations(TensorMemory memory, int hiddenSize) {
    input = new FloatArena(memory, hiddenSize);
    output = new FloatArena(memory, hiddenSize);
    spare = new FloatArena(memory, hiddenSize);
  }

  void reserve(int rows, int seq) {
    input.reserve(rows, seq);
    output.reserve(rows, seq);
    spare.reserve(rows, seq);
  }

  /** What the next block reads: shape (rows, seq, hidden). */
  FloatArena input() {
    return input;
  }

  /** What the block wrote. */
  FloatArena output() {
    return output;
  }

  /** Free to be written. */
  FloatArena spare() {
    return spare;
  }

  /** The output becomes the input of the next block. */
  void advance() {
    FloatArena before = input;
    input = output;
    output = before;
  }

  /** The spare buffer holds the output now. */
  void spareBecomesOutput() {
    FloatArena before = output;
    output = spare;
    spare = before;
  }

  /** The spare buffer holds the input now. */
  void spareBecomesInput() {
    FloatArena before = input;
    input = spare;
    spare = before;
  }

  @Override
  public void close() {
    input.close();
    output.close();
    spare.close();
  }
}
