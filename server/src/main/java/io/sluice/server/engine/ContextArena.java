package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory for one of the tensors that the prologue hands to all blocks, of one size at a time. Grows
 * and never shrinks. Confined to one engine thread.
 */
final class ContextArena implements AutoCloseable {
  private static final Dim BATCH = new Dim.Symbol("batch");
  private static final Dim SEQ = new Dim.Symbol("seq");

  private final TensorMemory memory;
  private final Value value;
  private TensorRegion region;
  private @Nullable Tensor tensor;

  ContextArena(TensorMemory memory, Value value) {
    this.memory = requireNonNull(memory, "memory");
    this.value = requireNonNull(value, "value");
    this.region = memory.allocate(0);
  }

  String name() {
    return value.name();
  }

  /** Whether its size is told by that of the batch. */
  boolean isSized() {
    return value.shape().stream().allMatch(ContextArena::isSized);
  }

  /** Room for a batch of such size. Owned by the arena, until it is sized again. */
  Tensor size(int rows, int seq) {
    List<Dim> dims = value.shape();
    long[] shape = new long[dims.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      Dim dim = dims.get(axis);
      shape[axis] = dim instanceof Dim.Known known ? known.size() : dim.equals(BATCH) ? rows : seq;
    }
    return fit(shape);
  }

  /** A copy of {@code data}. Owned by the arena, until it is sized again. */
  Tensor set(TensorData data) {
    Tensor fitting = fit(data.shape());
    region.write(0, data.bytes());
    return fitting;
  }

  /** Frees all. */
  @Override
  public void close() {
    if (tensor != null) {
      tensor.close();
      tensor = null;
    }
    region.close();
  }

  private static boolean isSized(Dim dim) {
    return dim instanceof Dim.Known || dim.equals(BATCH) || dim.equals(SEQ);
  }

  private Tensor fit(long[] shape) {
    if (tensor != null) {
      tensor.close();
      tensor = null;
    }
    long bytes = value.type().sizeBytes();
    for (long size : shape) {
      bytes *= size;
    }
    if (bytes > region.sizeBytes()) {
      long grown = Math.max(bytes, 2 * region.sizeBytes());
      region.close();
      // If there is no memory for more, none is left, and not what is freed.
      region = memory.allocate(0);
      region = memory.allocate(grown);
    }
    tensor = region.tensor(value.type(), 0, shape);
    return tensor;
  }
}
