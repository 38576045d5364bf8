package io.sluice.trainer.model;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the frozen trunk, the blocks up to a boundary, makes of rows: computed once for each row and
 * kept, as far as there is room. Confined to the training thread; owns native memory and perhaps a
 * temporary file.
 *
 * <p>Rows are computed together only with rows of exactly their length, so without padding, and
 * what a row gets does not depend on its company: results are the same whatever is kept, in
 * whichever order rows are asked for.
 */
public final class TrunkCache implements BatchFeed, AutoCloseable {
  private static final int BATCH_TOKENS = 1024;

  private final OnnxRuntime runtime;
  private final int boundary;
  private final int hidden;
  private final OnnxSession session;
  private final BatchTensors batches;
  private final FloatStore store;
  private final @Nullable DeviceRows device;
  private final IdentityHashMap<EncodedRows, @Nullable FloatBuffer[]> kept =
      new IdentityHashMap<>();
  private ByteBuffer made = DirectBuffers.bytes(0);
  private FloatBuffer padded = DirectBuffers.floats(0);
  private long rowsComputed;
  private @Nullable Prepared prepared;

  /** A batch that lies ready on the device. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by what is in it, below.
  private record Prepared(EncodedRows all, int[] rows, int longest) {
    @SuppressWarnings("ReferenceEquality") // the very rows, as they are kept by identity
    boolean is(EncodedRows otherAll, int[] otherRows, int otherLongest) {
      return all == otherAll && longest == otherLongest && Arrays.equals(rows, otherRows);
    }
  }

  /** What is done with a computed row. */
  private interface Sink {
    /**
     * Takes it.
     *
     * @param values its floats in native order, for the time of the call
     */
    void row(int row, ByteBuffer values);
  }

  /**
   * An empty cache over a compiled trunk.
   *
   * @param precision the format the trunk computes with
   * @param boundary the trunk's end: blocks 1 to {@code boundary} belong to it; from 1
   */
  public TrunkCache(
      OnnxRuntime runtime,
      Backbone backbone,
      Precision precision,
      int boundary,
      TrunkLimits limits) {
    this.runtime = runtime;
    this.boundary = boundary;
    this.hidden = backbone.hiddenSize();
    Graph trunk = AdaptedGraphs.trunk(backbone, precision, boundary);
    session = runtime.open(trunk, SessionSettings.defaults().withMemoryPattern(false));
    batches =
        new BatchTensors(
            runtime, trunk.inputs().stream().map(Value::name).collect(Collectors.toSet()), null);
    store = new FloatStore(limits, Path.of(System.getProperty("java.io.tmpdir")));
    device = DeviceRows.of(runtime, limits.memoryBytes() > 0);
  }

  /** The boundary whose activations are kept. */
  public int boundary() {
    return boundary;
  }

  @Override
  public String input() {
    return Tensors.TRUNK;
  }

  /** How many rows the trunk has been run on so far. */
  public long rowsComputed() {
    return rowsComputed;
  }

  /** Bytes kept on the device, in memory and on disk. */
  public long keptBytes() {
    return (device == null ? 0 : device.bytes()) + store.memoryBytes() + store.diskBytes();
  }

  /**
   * Computes those of the rows that are not kept yet, until there is no more room: together, which
   * costs less than batch by batch.
   */
  public void ensure(EncodedRows all, int[] rows) {
    @Nullable FloatBuffer[] slots = slots(all);
    Set<Integer> missing = new TreeSet<>();
    for (int row : rows) {
      if (!has(all, slots, row)) {
        missing.add(row);
      }
    }
    compute(all, missing, (row, values) -> keep(all, slots, row, values), store::full);
  }

  /**
   * The activations of some rows as a tensor (rows, longest, hidden), zero behind each row's end;
   * its memory is used again for the next.
   *
   * @param longest tokens of the longest of the rows
   */
  @Override
  public Tensor tensor(EncodedRows all, int[] rows, int longest) {
    @Nullable FloatBuffer[] slots = slots(all);
    Map<Integer, List<Integer>> missing = new TreeMap<>();
    for (int i = 0; i < rows.length; i++) {
      if (!has(all, slots, rows[i])) {
        missing.computeIfAbsent(rows[i], row -> new ArrayList<>()).add(i);
      }
    }
    return device == null
        ? onHost(all, rows, missing, longest)
        : onDevice(device, all, rows, missing, longest);
  }

  @Override
  public boolean prepares() {
    return device != null;
  }

  @Override
  public void prepare(EncodedRows all, int[] rows) {
    prepared = device == null ? null : prepare(device, all, rows);
  }

  private @Nullable Prepared prepare(DeviceRows rowsThere, EncodedRows all, int[] rows) {
    if (!IntStream.of(rows).allMatch(row -> rowsThere.has(all, row))) {
      return null;
    }
    int longest =
        IntStream.of(rows).map(row -> all.encodings().get(row).ids().length).max().orElse(0);
    rowsThere.prepare(all, rows, (long) longest * hidden * Float.BYTES);
    return new Prepared(all, rows.clone(), longest);
  }

  private HostTensor onHost(
      EncodedRows all, int[] rows, Map<Integer, List<Integer>> missing, int longest) {
    int rowFloats = longest * hidden;
    int size = Math.multiplyExact(rows.length, rowFloats);
    if (padded.capacity() < size) {
      padded = runtime.transferFloats(size);
    }
    @Nullable FloatBuffer[] slots = slots(all);
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(
            i -> {
              FloatBuffer values = slots[rows[i]];
              if (values != null) {
                place(i, rowFloats, values);
              }
            });
    compute(
        all,
        missing.keySet(),
        (row, values) -> {
          FloatBuffer floats = values.asFloatBuffer();
          missing.getOrDefault(row, List.of()).forEach(i -> place(i, rowFloats, floats));
          keep(all, slots, row, values);
        },
        () -> false);
    return HostTensor.floats(runtime, padded.slice(0, size), rows.length, longest, hidden);
  }

  private Tensor onDevice(
      DeviceRows rowsThere,
      EncodedRows all,
      int[] rows,
      Map<Integer, List<Integer>> missing,
      int longest) {
    long rowBytes = (long) longest * hidden * Float.BYTES;
    Prepared ready = prepared;
    prepared = null;
    if (ready != null && ready.is(all, rows, longest)) {
      rowsThere.turn();
      return rowsThere.tensor(rows.length, longest, hidden);
    }
    @Nullable FloatBuffer[] slots = slots(all);
    rowsThere.begin(rows.length * rowBytes);
    if (IntStream.of(rows).allMatch(row -> rowsThere.has(all, row))) {
      rowsThere.join(all, rows, rowBytes);
      return rowsThere.tensor(rows.length, longest, hidden);
    }
    for (int i = 0; i < rows.length; i++) {
      FloatBuffer values = slots[rows[i]];
      if (rowsThere.has(all, rows[i])) {
        rowsThere.place(i * rowBytes, all, rows[i]);
      } else if (values != null) {
        ByteBuffer bytes = DirectBuffers.bytes((long) Float.BYTES * values.remaining());
        bytes.asFloatBuffer().put(values.duplicate());
        rowsThere.place(i * rowBytes, bytes);
      }
      long length = (long) all.encodings().get(rows[i]).ids().length * hidden * Float.BYTES;
      rowsThere.clear(i * rowBytes + length, rowBytes - length);
    }
    compute(
        all,
        missing.keySet(),
        (row, values) -> {
          missing.getOrDefault(row, List.of()).forEach(i -> rowsThere.place(i * rowBytes, values));
          keep(all, slots, row, values);
        },
        () -> false);
    return rowsThere.tensor(rows.length, longest, hidden);
  }

  private boolean has(EncodedRows all, @Nullable FloatBuffer[] slots, int row) {
    return slots[row] != null || (device != null && device.has(all, row));
  }

  private @Nullable FloatBuffer[] slots(EncodedRows all) {
    return kept.computeIfAbsent(all, rows -> new @Nullable FloatBuffer[rows.size()]);
  }

  private void keep(EncodedRows all, @Nullable FloatBuffer[] slots, int row, ByteBuffer values) {
    if (has(all, slots, row) || (device != null && device.keep(all, row, values))) {
      return;
    }
    if (!store.full()) {
      FloatBuffer floats = values.asFloatBuffer();
      FloatBuffer room = store.room(floats.remaining());
      if (room != null) {
        room.put(0, floats, 0, floats.remaining());
        slots[row] = room;
      }
    }
  }

  private void place(int position, int rowFloats, FloatBuffer values) {
    int at = position * rowFloats;
    int count = values.remaining();
    padded.put(at, values, 0, count);
    for (int i = at + count; i < at + rowFloats; i++) {
      padded.put(i, 0);
    }
  }

  private void compute(
      EncodedRows all, Collection<Integer> rows, Sink sink, BooleanSupplier enough) {
    Map<Integer, List<Integer>> byLength = new TreeMap<>();
    for (int row : rows) {
      int length = all.encodings().get(row).ids().length;
      byLength.computeIfAbsent(length, key -> new ArrayList<>()).add(row);
    }
    byLength.forEach(
        (length, same) -> {
          int step = Math.max(1, BATCH_TOKENS / Math.max(1, length));
          for (int from = 0; from < same.size() && !enough.getAsBoolean(); from += step) {
            List<Integer> part = same.subList(from, Math.min(same.size(), from + step));
            compute(all, part.stream().mapToInt(Integer::intValue).toArray(), length, sink);
          }
        });
  }

  private void compute(EncodedRows all, int[] rows, int length, Sink sink) {
    int rowBytes = length * hidden * Float.BYTES;
    int size = Math.multiplyExact(rows.length, rowBytes);
    if (made.capacity() < size) {
      made = DirectBuffers.bytes(size);
    }
    try (BatchTensors.Batch batch = batches.of(all, rows);
        HostTensor output =
            HostTensor.floats(
                runtime, part(0, size).asFloatBuffer(), rows.length, length, hidden)) {
      session.run(batch.tensors(), Map.of(Tensors.TRUNK, output));
    }
    rowsComputed += rows.length;
    for (int i = 0; i < rows.length; i++) {
      sink.row(rows[i], part(i * rowBytes, rowBytes));
    }
  }

  private ByteBuffer part(int offset, int sizeBytes) {
    return made.slice(offset, sizeBytes).order(made.order());
  }

  @Override
  public void close() {
    kept.clear();
    store.close();
    if (device != null) {
      device.close();
    }
    session.close();
  }
}
