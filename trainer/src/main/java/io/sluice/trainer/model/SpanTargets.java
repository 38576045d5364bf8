package io.sluice.trainer.model;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * A first and a last token a row: (batch, 2, seq), start and then end, half the row's weight each.
 *
 * @param starts position of the first token of each row's answer
 * @param ends position of its last token
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record SpanTargets(int[] starts, int[] ends) implements Targets {
  @Override
  public int size() {
    return starts.length;
  }

  @Override
  public Targets of(int... rows) {
    return new SpanTargets(
        IntStream.of(rows).map(row -> starts[row]).toArray(),
        IntStream.of(rows).map(row -> ends[row]).toArray());
  }

  @Override
  public long[] shape(int rows, int labels, int longest) {
    return new long[] {rows, 2, longest};
  }

  @Override
  public void write(int[] rows, int labels, int longest, double smoothing, FloatBuffer into) {
    float weight = 0.5f / rows.length;
    for (int i = 0; i < rows.length; i++) {
      for (int token = 0; token < longest; token++) {
        into.put((2 * i) * longest + token, token == starts[rows[i]] ? weight : 0);
        into.put((2 * i + 1) * longest + token, token == ends[rows[i]] ? weight : 0);
      }
    }
  }
}
