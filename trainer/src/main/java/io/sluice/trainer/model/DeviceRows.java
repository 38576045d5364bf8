package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import io.sluice.backbone.runtime.TensorRegion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats kept in a device's memory, up to a limit, and batches of them put together there.
 * Confined to one thread; owns what it allocates.
 */
final class DeviceRows implements AutoCloseable {
  private static final long SLAB_BYTES = 64L << 20;

  /** Others train, and serve, on the same device. */
  private static final int SHARE = 16;

  private final TensorMemory memory;
  private final boolean owned;
  private final long limitBytes;
  private final IdentityHashMap<EncodedRows, @Nullable Place[]> kept = new IdentityHashMap<>();
  private final List<TensorRegion> slabs = new ArrayList<>();
  private long slabUsed;
  private long slabBytes;
  private boolean full;
  private @Nullable TensorRegion batch;

  /** What is made beside the batch. */
  private @Nullable TensorRegion next;

  /** Where a row lies. */
  private record Place(TensorRegion slab, long offset, long sizeBytes) {}

  /**
   * No rows yet.
   *
   * @param owned whether the memory is closed with this
   * @param limitBytes greatest size of what is kept; whole slabs of 64 MiB are taken
   */
  DeviceRows(TensorMemory memory, boolean owned, long limitBytes) {
    this.memory = memory;
    this.owned = owned;
    this.limitBytes = limitBytes;
  }

  /**
   * Room on the device of a runtime: in its own memory, or beside it; null where rows are as well
   * off on the host, or this JVM has no device memory.
   *
   * @param kept whether rows may be kept at all
   */
  static @Nullable DeviceRows of(OnnxRuntime runtime, boolean kept) {
    boolean owned = runtime.memory().isHost();
    if (!kept
        || (owned && !runtime.settings().device().isCuda())
        || OnnxRuntime.whyNoDeviceMemory() != null) {
      return null;
    }
    TensorMemory memory = owned ? runtime.onDeviceMemory().memory() : runtime.memory();
    long free = memory instanceof DeviceMemory device ? device.freeBytes() : 0;
    return new DeviceRows(memory, owned, free / SHARE);
  }

  /** Whether a row found no room: later ones may not either. */
  boolean full() {
    return full;
  }

  /** Bytes taken for rows. */
  long bytes() {
    return slabBytes;
  }

  /** Whether the row is here. */
  boolean has(EncodedRows all, int row) {
    return places(all)[row] != null;
  }

  /**
   * Keeps a row if there is room.
   *
   * @param values floats in native order; may be changed afterwards
   * @return whether it is here now
   */
  boolean keep(EncodedRows all, int row, ByteBuffer values) {
    @Nullable Place[] places = places(all);
    if (places[row] == null) {
      Place place = room(values.remaining());
      if (place == null) {
        return false;
      }
      place.slab.write(place.offset, values);
      places[row] = place;
    }
    return true;
  }

  /** Begins a batch of so many bytes, of any content. */
  void begin(long sizeBytes) {
    batch = atLeast(batch, sizeBytes);
  }

  /** Makes a batch of rows that are all here, each with zeros behind it up to so many bytes. */
  void join(EncodedRows all, int[] rows, long rowBytes) {
    batch().join(0, pieces(all, rows, rowBytes));
  }

  /** The same beside the batch, which stays as it is until {@link #turn}; waits for it. */
  void prepare(EncodedRows all, int[] rows, long rowBytes) {
    TensorRegion room = atLeast(next, rows.length * rowBytes);
    next = room;
    room.join(0, pieces(all, rows, rowBytes));
    memory.await();
  }

  /** What has been prepared is the batch now. */
  void turn() {
    TensorRegion last = batch;
    batch = next;
    next = last;
  }

  private List<TensorRegion.Piece> pieces(EncodedRows all, int[] rows, long rowBytes) {
    List<TensorRegion.Piece> pieces = new ArrayList<>();
    for (int row : rows) {
      Place place = requireNonNull(places(all)[row], "row");
      pieces.add(new TensorRegion.Piece(place.slab, place.offset, place.sizeBytes));
      if (place.sizeBytes < rowBytes) {
        pieces.add(new TensorRegion.Piece(null, 0, rowBytes - place.sizeBytes));
      }
    }
    return pieces;
  }

  private TensorRegion atLeast(@Nullable TensorRegion last, long sizeBytes) {
    if (last != null && last.sizeBytes() >= sizeBytes) {
      return last;
    }
    if (last != null) {
      last.close();
    }
    return memory.allocate(sizeBytes);
  }

  /** Puts a row that is here into the batch. */
  void place(long offset, EncodedRows all, int row) {
    Place place = requireNonNull(places(all)[row], "row");
    batch().copy(offset, place.slab, place.offset, place.sizeBytes);
  }

  /** Puts a row that is not here into the batch. */
  void place(long offset, ByteBuffer values) {
    batch().write(offset, values);
  }

  /** Puts zeros into the batch. */
  void clear(long offset, long sizeBytes) {
    if (sizeBytes > 0) {
      batch().clear(offset, sizeBytes);
    }
  }

  /** The batch, complete, as a tensor of this shape: the caller's until the next one begins. */
  Tensor tensor(long... shape) {
    memory.await();
    return batch().tensor(DataType.FLOAT, 0, shape);
  }

  @Override
  public void close() {
    kept.clear();
    slabs.forEach(TensorRegion::close);
    slabs.clear();
    for (TensorRegion made : new @Nullable TensorRegion[] {batch, next}) {
      if (made != null) {
        made.close();
      }
    }
    batch = null;
    next = null;
    if (owned && memory instanceof DeviceMemory device) {
      device.close();
    }
  }

  private TensorRegion batch() {
    return requireNonNull(batch, "batch");
  }

  private @Nullable Place[] places(EncodedRows all) {
    return kept.computeIfAbsent(all, rows -> new @Nullable Place[rows.size()]);
  }

  private @Nullable Place room(long sizeBytes) {
    TensorRegion last = slabs.isEmpty() ? null : slabs.get(slabs.size() - 1);
    if (last == null || last.sizeBytes() - slabUsed < sizeBytes) {
      long next = Math.max(SLAB_BYTES, sizeBytes);
      if (full || slabBytes + next > limitBytes) {
        full = true;
        return null;
      }
      last = memory.allocate(next);
      slabs.add(last);
      slabBytes += next;
      slabUsed = 0;
    }
    Place place = new Place(last, slabUsed, sizeBytes);
    long unit = memory.alignment();
    slabUsed += (sizeBytes + unit - 1) / unit * unit;
    return place;
  }
}
