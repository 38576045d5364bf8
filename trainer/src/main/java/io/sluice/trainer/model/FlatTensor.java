package io.sluice.trainer.model;

import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.optim.Chunks;
import java.nio.FloatBuffer;

/**
 * A flat array as a tensor on direct memory, which is the same for every run. A word table in the
 * array is left out of the tensor. Confined to the training thread; copies in parallel.
 */
final class FlatTensor implements AutoCloseable {
  private final int size;
  private final WordTable words;
  private final HostTensor tensor;
  private final FloatBuffer memory;

  /**
   * A tensor of any content.
   *
   * @param size length of the array
   * @param words what is left out of it
   */
  FlatTensor(OnnxRuntime runtime, int size, WordTable words) {
    this.size = size;
    this.words = words;
    int sent = size - words.size();
    tensor = HostTensor.floats(runtime, runtime.transferFloats(sent), sent);
    memory = tensor.floats();
  }

  /** Of the array without the table, (size); stays this object's. */
  HostTensor tensor() {
    return tensor;
  }

  /** Copies an array in. */
  void put(float[] values) {
    requireLength(values);
    put(values, 0, words.offset(), 0);
    put(values, words.end(), size, words.offset());
  }

  /** Copies the tensor out; the table's part of the array is left as it is. */
  void get(float[] into) {
    requireLength(into);
    get(into, 0, words.offset(), 0);
    get(into, words.end(), size, words.offset());
  }

  /** Copies a part of an array without a table in; several threads may, each its part. */
  void put(float[] values, int from, int to) {
    memory.put(from, values, from, to - from);
  }

  /** Copies a part of the tensor out, for an array without a table. */
  void get(float[] into, int from, int to) {
    memory.get(from, into, from, to - from);
  }

  @Override
  public void close() {
    tensor.close();
  }

  private void put(float[] values, int from, int to, int place) {
    Chunks.ofEach(to - from)
        .forEach(
            chunk ->
                memory.put(
                    place + chunk.from(), values, from + chunk.from(), chunk.to() - chunk.from()));
  }

  private void get(float[] into, int from, int to, int place) {
    Chunks.ofEach(to - from)
        .forEach(
            chunk ->
                memory.get(
                    place + chunk.from(), into, from + chunk.from(), chunk.to() - chunk.from()));
  }

  private void requireLength(float[] array) {
    if (array.length != size) {
      throw new IllegalArgumentException(
          "array: " + array.length + " numbers (expected: " + size + ")");
    }
  }
}
