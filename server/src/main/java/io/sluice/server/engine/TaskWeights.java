package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the weights of tasks are kept: on the host each task's in memory of their own, on a device
 * beside those of all tasks of the same structure, so that rows of many tasks can be one run.
 * Thread-safe.
 *
 * <p>On a device weights move as others come and go: not while a batch {@link #use}s them. On the
 * host they never move, and the tensors over them are made when a batch first reads them.
 */
final class TaskWeights {
  /** A tensor over weights takes 270 bytes of heap, and native memory of that order: a few MB. */
  private static final int OPEN_TENSORS = 8192;

  private final TensorMemory memory;
  private final OpenWeights open;
  private final Map<Digest, WeightSlab> slabs = new HashMap<>();

  /** Fair, as an engine under load takes it again at once. */
  private final ReentrantLock still = new ReentrantLock(true);

  TaskWeights(TensorMemory memory) {
    this(memory, OPEN_TENSORS);
  }

  /**
   * @param openTensors kept at most while no batch uses them, so that the next need not make them
   */
  TaskWeights(TensorMemory memory, int openTensors) {
    this.memory = requireNonNull(memory, "memory");
    this.open = new OpenWeights(openTensors);
  }

  /** The weights of one adapter or head of one task; closing frees them. */
  interface Kept extends AutoCloseable {
    /**
     * In the order of the structure's names; valid as long as {@code use}.
     *
     * @param use the batch that reads them
     */
    List<Tensor> tensors(WeightsInUse use);

    long residentBytes();

    @Override
    void close();
  }

  /** Copies the weights of a structure there. */
  Kept keep(Structure structure, List<TensorData> weights) {
    if (memory.isHost() || structure.stacked() == null) {
      return OwnWeights.copy(structure, weights, memory, open);
    }
    still.lock();
    try {
      return slabs
          .computeIfAbsent(structure.key(), key -> new WeightSlab(still, memory, weights))
          .keep(weights);
    } finally {
      still.unlock();
    }
  }

  /**
   * Begins a batch: weights stay where they are until it is closed, on the same thread, when all
   * runs that read them have been asked for.
   */
  WeightsInUse use() {
    return new WeightsInUse(open, memory.isHost() ? null : still);
  }
}
