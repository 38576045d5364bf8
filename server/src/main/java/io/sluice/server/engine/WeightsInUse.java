package io.sluice.server.engine;

import io.sluice.backbone.runtime.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * What one batch reads of the weights of tasks: none of it moves, and no tensor over it is closed,
 * before this is. Confined to one thread, which may have several, one in another.
 */
final class WeightsInUse implements AutoCloseable {
  private final OpenWeights open;
  private final @Nullable Lock still;
  private final Map<OwnWeights, OpenTensors> tensors = new HashMap<>();

  /**
   * @param still held until this is closed; null where weights never move
   */
  WeightsInUse(OpenWeights open, @Nullable Lock still) {
    this.open = open;
    this.still = still;
    if (still != null) {
      still.lock();
    }
  }

  /** The tensors over {@code weights}, made if nobody had them. */
  List<Tensor> tensors(OwnWeights weights) {
    return tensors.computeIfAbsent(weights, open::acquire).tensors();
  }

  /** All runs that were to read the weights have been asked for. */
  @Override
  public void close() {
    try {
      tensors.values().forEach(OpenTensors::release);
    } finally {
      tensors.clear();
      if (still != null) {
        still.unlock();
      }
    }
  }
}
