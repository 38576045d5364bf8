package io.sluice.server.engine;

import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.TaskKind;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the heads of a batch write, and how a row's logits are read out of it: each output is a
 * matrix, (rows, labels) or for spans (rows, seq). Confined to one engine thread.
 */
final class HeadOutputs implements AutoCloseable {
  /**
   * What heads of one structure say of some rows.
   *
   * @param first the row of it that is row 0 to who reads
   */
  record Place(int start, int outputs, int rows, int columns, boolean perToken, int first) {
    /** The same for a reader whose rows begin at {@code row}. */
    Place from(int row) {
      return new Place(start, outputs, rows, columns, perToken, row);
    }
  }

  private final FloatArena arena;
  private int used;
  private ByteBuffer fetched = DirectBuffers.bytes(0);

  HeadOutputs(TensorMemory memory) {
    arena = new FloatArena(memory, 1);
  }

  /** Forgets all places, and makes room for what will be placed. */
  void reserve(List<Layout.Slice> slices, int seq) {
    used = 0;
    int floats = 0;
    for (Layout.Slice slice : slices) {
      floats += floats(placeAt(0, slice.task(), slice.rows(), seq));
    }
    // Those of one structure have a place together, and their own ones if that comes to nothing.
    arena.reserve(2 * floats, 1);
  }

  /** The place of what the head of {@code task} says of {@code rows} rows of {@code seq} tokens. */
  Place place(LoadedTask task, int rows, int seq) {
    Place place = placeAt(used, task, rows, seq);
    used += floats(place);
    return place;
  }

  /** The head's outputs by name; owned by this object. */
  Map<String, Tensor> outputs(LoadedTask task, Place place) {
    List<String> names = AdapterAbi.headOutputs(task.manifest().kind());
    Map<String, Tensor> outputs = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      outputs.put(
          names.get(i), arena.matrix(place.start + i * stride(place), place.rows, place.columns));
    }
    return outputs;
  }

  /** Waits for all that was written, so that rows can be read. */
  void fetch() {
    int bytes = Float.BYTES * used;
    if (bytes > fetched.capacity()) {
      fetched = DirectBuffers.bytes(2L * bytes);
    }
    arena.read(fetched.slice(0, bytes));
  }

  /**
   * The logits of a row: one per label, or for spans the start logits of its tokens and then their
   * end logits. What stands for padding is left out.
   */
  float[] row(Place place, int row, int tokens) {
    int length = place.perToken ? tokens : place.columns;
    float[] logits = new float[place.outputs * length];
    FloatBuffer values = fetched.asFloatBuffer();
    int start = place.start + (place.first + row) * place.columns;
    for (int i = 0; i < place.outputs; i++) {
      values.get(start + i * stride(place), logits, i * length, length);
    }
    return logits;
  }

  @Override
  public void close() {
    arena.close();
  }

  private static Place placeAt(int start, LoadedTask task, int rows, int seq) {
    TaskKind kind = task.manifest().kind();
    boolean perToken = kind.answersPerToken();
    int columns = perToken ? seq : task.manifest().labels().size();
    return new Place(start, AdapterAbi.headOutputs(kind).size(), rows, columns, perToken, 0);
  }

  private static int floats(Place place) {
    return place.outputs * stride(place);
  }

  /** Floats of one output, so that the next begins where every device can write. */
  private static int stride(Place place) {
    int floats = place.rows * place.columns;
    return (floats + 63) / 64 * 64;
  }
}
