package io.sluice.trainer.model;

import java.nio.FloatBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Any number of labels a row: (batch, 2, labels), the weight of "yes" of each label and then of
 * "no". A row's weight is spread evenly over its labels.
 *
 * @param sets numbers of each row's labels; not copied, read only
 */
public record LabelSetTargets(List<BitSet> sets) implements Targets {
  public LabelSetTargets {
    sets = List.copyOf(sets);
  }

  @Override
  public int size() {
    return sets.size();
  }

  @Override
  public Targets of(int... rows) {
    return new LabelSetTargets(IntStream.of(rows).mapToObj(sets::get).toList());
  }

  @Override
  public long[] shape(int rows, int labels, int longest) {
    return new long[] {rows, 2, labels};
  }

  @Override
  public void write(int[] rows, int labels, int longest, double smoothing, FloatBuffer into) {
    double weight = 1.0 / rows.length / labels;
    for (int i = 0; i < rows.length; i++) {
      for (int label = 0; label < labels; label++) {
        double yes = smoothing / 2 + (sets.get(rows[i]).get(label) ? 1 - smoothing : 0);
        into.put((2 * i) * labels + label, (float) (weight * yes));
        into.put((2 * i + 1) * labels + label, (float) (weight * (1 - yes)));
      }
    }
  }
}
