package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Shapes;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * One set of weights in memory of its own, without tensors but while batches read it. Thread-safe.
 */
final class OwnWeights implements TaskWeights.Kept {
  private final Structure structure;
  private final TensorRegion region;
  private final int unit;
  private final OpenWeights open;

  /** Of the memory: the task, and the tensors over it. */
  private final RefCount users;

  private OwnWeights(Structure structure, TensorRegion region, int unit, OpenWeights open) {
    this.structure = structure;
    this.region = region;
    this.unit = unit;
    this.open = requireNonNull(open, "open");
    this.users = new RefCount(region::close);
  }

  /**
   * Copies {@code weights}.
   *
   * @param structure theirs
   * @param open keeps the tensors over them
   */
  static OwnWeights copy(
      Structure structure, List<TensorData> weights, TensorMemory memory, OpenWeights open) {
    int unit = memory.alignment();
    long bytes = weights.stream().mapToLong(data -> aligned(data.sizeBytes(), unit)).sum();
    TensorRegion region = memory.allocate(bytes);
    try {
      long offset = 0;
      for (TensorData data : weights) {
        region.write(offset, data.bytes());
        offset += aligned(data.sizeBytes(), unit);
      }
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
    return new OwnWeights(structure, region, unit, open);
  }

  @Override
  public List<Tensor> tensors(WeightsInUse use) {
    return use.tensors(this);
  }

  /** Fresh tensors over the weights, which keep the memory; the caller is their first user. */
  OpenTensors open() {
    if (!users.tryRetain()) {
      throw new IllegalStateException("weights: freed (expected: of a task that is in use)");
    }
    List<Tensor> made = new ArrayList<>();
    try {
      long offset = 0;
      for (long[] shape : structure.weightShapes()) {
        made.add(region.tensor(DataType.FLOAT, offset, shape));
        offset += aligned(Float.BYTES * Shapes.elements(shape), unit);
      }
      return new OpenTensors(made, users::release);
    } catch (RuntimeException | Error e) {
      made.forEach(Tensor::close);
      users.release();
      throw e;
    }
  }

  @Override
  public long residentBytes() {
    return region.sizeBytes();
  }

  @Override
  public void close() {
    open.forget(this);
    users.release();
  }

  private static long aligned(long sizeBytes, int unit) {
    return (sizeBytes + unit - 1) / unit * unit;
  }
}
