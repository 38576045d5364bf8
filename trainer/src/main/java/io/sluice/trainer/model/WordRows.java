package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The rows of a word table that a batch's tokens stand for, looked up here instead of in the graph,
 * and their gradients, added up here: the table itself, which is large, is not sent. Padding stands
 * for word 0, as {@link BatchTensors} has it. Confined to the training thread.
 */
final class WordRows implements BatchFeed {
  private final OnnxRuntime runtime;
  private final WordTable table;
  private final float[] row;
  private float[] values = {};
  private FloatBuffer looked = DirectBuffers.floats(0);
  private FloatBuffer gradients = DirectBuffers.floats(0);

  /** Where in the flat array the row of each token of the last batch begins. */
  private int[] places = {};

  private long[] shape = {0, 0, 0};

  WordRows(OnnxRuntime runtime, WordTable table) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.table = requireNonNull(table, "table");
    this.row = new float[table.width()];
  }

  /** Sets the flat weights that rows are looked up in from now on; read only, not copied. */
  void in(float[] flat) {
    values = flat;
  }

  @Override
  public String input() {
    return Tensors.WORDS;
  }

  @Override
  public HostTensor tensor(EncodedRows all, int[] rows, int longest) {
    places = new int[rows.length * longest];
    shape = new long[] {rows.length, longest, table.width()};
    for (int i = 0; i < rows.length; i++) {
      long[] ids = all.encodings().get(rows[i]).ids();
      for (int j = 0; j < longest; j++) {
        int word = j < ids.length ? Math.toIntExact(ids[j]) : 0;
        places[i * longest + j] = table.offset() + word * table.width();
      }
    }
    int size = Math.multiplyExact(places.length, table.width());
    if (looked.capacity() < size) {
      looked = DirectBuffers.floats(size);
    }
    for (int i = 0; i < places.length; i++) {
      looked.put(i * table.width(), values, places[i], table.width());
    }
    return HostTensor.floats(runtime, looked.slice(0, size), shape);
  }

  /** Room for the gradient of the last batch's tensor; its memory is used again for the next. */
  HostTensor gradient() {
    int size = Math.multiplyExact(places.length, table.width());
    if (gradients.capacity() < size) {
      gradients = DirectBuffers.floats(size);
    }
    return HostTensor.floats(runtime, gradients.slice(0, size), shape);
  }

  /**
   * Writes the table's gradient: a word's is the sum of those of its tokens in the last batch.
   *
   * @param into the flat gradients
   */
  void addUp(float[] into) {
    Arrays.fill(into, table.offset(), table.end(), 0);
    for (int i = 0; i < places.length; i++) {
      gradients.get(i * row.length, row);
      for (int j = 0; j < row.length; j++) {
        into[places[i] + j] += row[j];
      }
    }
  }
}
