package io.sluice.trainer.model;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * One label a row: (batch, labels), each row summing to the row's weight.
 *
 * @param labels number of each row's label
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record ClassTargets(int[] labels) implements Targets {
  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Targets of(int... rows) {
    return new ClassTargets(IntStream.of(rows).map(row -> labels[row]).toArray());
  }

  @Override
  public long[] shape(int rows, int count, int longest) {
    return new long[] {rows, count};
  }

  @Override
  public void write(int[] rows, int count, int longest, double smoothing, FloatBuffer into) {
    for (int i = 0; i < rows.length; i++) {
      for (int label = 0; label < count; label++) {
        double share = smoothing / count + (label == labels[rows[i]] ? 1 - smoothing : 0);
        into.put(i * count + label, (float) (share / rows.length));
      }
    }
  }
}
