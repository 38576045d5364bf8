package io.sluice.server.engine;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The weights of all tasks of one structure in one piece of a device's memory: for each weight the
 * sets of all tasks one behind another, (sets, ...). It moves to a larger piece when it is full,
 * and to a smaller one when few sets are left. Everything is done with {@link TaskWeights#still}
 * held.
 */
final class WeightSlab {
  /** Of the sets in use, one in so many is there beside them, so that growing is seldom. */
  private static final int SPARE_PART = 4;

  private final ReentrantLock still;
  private final TensorMemory memory;
  private final List<long[]> shapes;
  private final long[] setBytes;
  private final BitSet taken = new BitSet();
  private @Nullable Set[] sets = new Set[0];
  private TensorRegion region;
  private List<Tensor> stacked = List.of();

  /**
   * @param weights of any task: all have the same shapes
   */
  WeightSlab(ReentrantLock still, TensorMemory memory, List<TensorData> weights) {
    this.still = still;
    this.memory = memory;
    this.shapes = weights.stream().map(TensorData::shape).toList();
    this.setBytes = weights.stream().mapToLong(TensorData::sizeBytes).toArray();
    this.region = memory.allocate(0);
  }

  /** Copies the weights of one more task here. */
  Set keep(List<TensorData> weights) {
    int count = taken.cardinality() + 1;
    if (count > sets.length) {
      move(roomFor(count));
    }
    int slot = taken.nextClearBit(0);
    for (int weight = 0; weight < setBytes.length; weight++) {
      region.write(offset(weight, slot, sets.length), weights.get(weight).bytes());
    }
    taken.set(slot);
    Set fresh = new Set(slot);
    sets[slot] = fresh;
    return fresh;
  }

  /** For each weight those of all tasks: (sets, ...). Valid until sets move. */
  List<Tensor> stacked() {
    if (stacked.isEmpty()) {
      stacked =
          tensors(
              weight -> {
                long[] shape = shapes.get(weight);
                long[] stack = new long[shape.length + 1];
                stack[0] = sets.length;
                System.arraycopy(shape, 0, stack, 1, shape.length);
                return region.tensor(DataType.FLOAT, offset(weight, 0, sets.length), stack);
              });
    }
    return stacked;
  }

  private static int roomFor(int count) {
    return count + count / SPARE_PART;
  }

  /** Copies all sets to a new piece of memory, without gaps. */
  private void move(int room) {
    closeTensors();
    @Nullable Set[] moved = new Set[room];
    TensorRegion larger = memory.allocate(offset(setBytes.length, 0, room));
    try {
      copy(larger, room);
    } catch (RuntimeException | Error e) {
      larger.close();
      throw e;
    }
    int to = 0;
    for (int from = taken.nextSetBit(0); from >= 0; from = taken.nextSetBit(from + 1)) {
      Set set = Objects.requireNonNull(sets[from]);
      set.slot = to;
      moved[to++] = set;
    }
    region.close();
    region = larger;
    sets = moved;
    taken.clear();
    taken.set(0, to);
  }

  private void copy(TensorRegion larger, int room) {
    int to = 0;
    for (int from = taken.nextSetBit(0); from >= 0; from = taken.nextSetBit(from)) {
      int end = taken.nextClearBit(from);
      for (int weight = 0; weight < setBytes.length; weight++) {
        larger.copy(
            offset(weight, to, room),
            region,
            offset(weight, from, sets.length),
            (end - from) * setBytes[weight]);
      }
      to += end - from;
      from = end;
    }
  }

  /** One tensor a weight; none is left when one cannot be made. */
  private List<Tensor> tensors(IntFunction<Tensor> ofWeight) {
    List<Tensor> made = new ArrayList<>(setBytes.length);
    try {
      for (int weight = 0; weight < setBytes.length; weight++) {
        made.add(ofWeight.apply(weight));
      }
      return made;
    } catch (RuntimeException | Error e) {
      made.forEach(Tensor::close);
      throw e;
    }
  }

  /** Where set {@code slot} of a weight begins; for one more than the last weight, the end. */
  private long offset(int weight, int slot, int room) {
    long unit = memory.alignment();
    long start = 0;
    for (int before = 0; before < weight; before++) {
      start += (room * setBytes[before] + unit - 1) / unit * unit;
    }
    return weight == setBytes.length ? start : start + slot * setBytes[weight];
  }

  private void closeTensors() {
    stacked.forEach(Tensor::close);
    stacked = List.of();
    for (Set set : sets) {
      if (set != null) {
        set.closeViews();
      }
    }
  }

  /** The weights of one task. */
  final class Set implements TaskWeights.Kept {
    private int slot;
    private List<Tensor> views = List.of();

    private Set(int slot) {
      this.slot = slot;
    }

    /** Its place among the sets; another one when sets have moved. */
    int slot() {
      return slot;
    }

    WeightSlab slab() {
      return WeightSlab.this;
    }

    @Override
    public List<Tensor> tensors(WeightsInUse use) {
      if (views.isEmpty()) {
        views =
            WeightSlab.this.tensors(
                weight ->
                    region.tensor(
                        DataType.FLOAT, offset(weight, slot, sets.length), shapes.get(weight)));
      }
      return views;
    }

    @Override
    public long residentBytes() {
      return Arrays.stream(setBytes).sum();
    }

    @Override
    public void close() {
      still.lock();
      try {
        closeViews();
        taken.clear(slot);
        sets[slot] = null;
        int count = taken.cardinality();
        if (count == 0 || 2 * roomFor(count) < sets.length) {
          move(roomFor(count));
        }
      } finally {
        still.unlock();
      }
    }

    private void closeViews() {
      views.forEach(Tensor::close);
      views = List.of();
    }
  }
}
