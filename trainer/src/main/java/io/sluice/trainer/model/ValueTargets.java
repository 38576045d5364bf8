package io.sluice.trainer.model;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * One number a row: (batch, 2, 1), the number and then the row's weight, over the square of their
 * scale: errors count in units of it, so a loss of 1 is that of answering the mean.
 *
 * @param values each row's number
 * @param scale what errors are measured in, &gt; 0
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record ValueTargets(double[] values, double scale) implements Targets {
  @Override
  public int size() {
    return values.length;
  }

  @Override
  public Targets of(int... rows) {
    double[] chosen = IntStream.of(rows).mapToDouble(row -> values[row]).toArray();
    return new ValueTargets(chosen, scale);
  }

  @Override
  public long[] shape(int rows, int labels, int longest) {
    return new long[] {rows, 2, 1};
  }

  @Override
  public void write(int[] rows, int labels, int longest, double smoothing, FloatBuffer into) {
    for (int i = 0; i < rows.length; i++) {
      into.put(2 * i, (float) values[rows[i]]);
      into.put(2 * i + 1, (float) (1 / (rows.length * scale * scale)));
    }
  }
}
