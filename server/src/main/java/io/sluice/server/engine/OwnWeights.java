package io.sluice.server.engine;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.util.ArrayList;
import java.util.List;

/** One set of weights in memory of its own. Thread-safe but for closing. */
final class OwnWeights implements TaskWeights.Kept {
  private final TensorRegion region;
  private final List<Tensor> tensors = new ArrayList<>();

  private OwnWeights(TensorRegion region) {
    this.region = region;
  }

  static OwnWeights copy(List<TensorData> weights, TensorMemory memory) {
    int unit = memory.alignment();
    long bytes = weights.stream().mapToLong(data -> aligned(data, unit)).sum();
    OwnWeights own = new OwnWeights(memory.allocate(bytes));
    try {
      long offset = 0;
      for (TensorData data : weights) {
        own.region.write(offset, data.bytes());
        own.tensors.add(own.region.tensor(DataType.FLOAT, offset, data.shape()));
        offset += aligned(data, unit);
      }
      return own;
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  @Override
  public List<Tensor> tensors() {
    return tensors;
  }

  @Override
  public long residentBytes() {
    return region.sizeBytes();
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
    region.close();
  }

  private static long aligned(TensorData data, int unit) {
    return (data.sizeBytes() + unit - 1) / unit * unit;
  }
}
