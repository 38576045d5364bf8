package io.sluice.registry.bundle;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Codec of {@code probe.bin}, version 1. Little-endian, no padding:
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>field</th><th>type</th><th>meaning</th></tr>
 * <tr><td>magic</td><td>4 bytes</td><td>{@code SLPB}</td></tr>
 * <tr><td>version</td><td>u32</td><td>1</td></tr>
 * <tr><td>rows</td><td>u32</td><td>number of rows that follow, at least 1</td></tr>
 * <tr><td>row: tokens</td><td>u32</td><td>n, at least 1</td></tr>
 * <tr><td>row: logits</td><td>u32</td><td>m, at least 1</td></tr>
 * <tr><td>row: ids</td><td>n x u32</td><td>token ids, special tokens included, no padding</td></tr>
 * <tr><td>row: type ids</td><td>n x u8</td><td>token type ids</td></tr>
 * <tr><td>row: logits</td><td>m x float32</td><td>finite; per label, or for a span n start logits
 *   and then n end logits</td></tr>
 * </table>
 *
 * <p>Nothing follows the last row.
 */
final class ProbeFormat {
  private static final int MAGIC = 'S' | 'L' << 8 | 'P' << 16 | 'B' << 24;
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 12;
  private static final int ROW_HEADER_BYTES = 8;
  private static final int TOKEN_BYTES = 5;

  private ProbeFormat() {}

  static byte[] encode(Probe probe) {
    long size = HEADER_BYTES;
    for (int row = 0; row < probe.rows(); row++) {
      size += rowBytes(probe.ids().get(row).length, probe.logits().get(row).length);
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(MAGIC).putInt(VERSION).putInt(probe.rows());
    for (int row = 0; row < probe.rows(); row++) {
      out.putInt(probe.ids().get(row).length).putInt(probe.logits().get(row).length);
      for (long id : probe.ids().get(row)) {
        out.putInt((int) id);
      }
      for (long typeId : probe.typeIds().get(row)) {
        out.put((byte) typeId);
      }
      for (float logit : probe.logits().get(row)) {
        out.putFloat(logit);
      }
    }
    return out.array();
  }

  static Probe decode(byte[] bytes, Place place) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      requireEqual("magic", in.getInt(), MAGIC, place);
      requireEqual("version", in.getInt(), VERSION, place);
      Probe probe = rows(in, place);
      requireEqual("bytes after the last row", in.remaining(), 0, place);
      return probe;
    } catch (BufferUnderflowException e) {
      throw place.corrupt(bytes.length + " bytes", "more; the header is cut short", e);
    } catch (IllegalArgumentException e) {
      throw place.corrupt(String.valueOf(e.getMessage()), "a probe", e);
    }
  }

  private static Probe rows(ByteBuffer in, Place place) {
    long rows = Integer.toUnsignedLong(in.getInt());
    List<long[]> ids = new ArrayList<>();
    List<long[]> typeIds = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    for (long row = 0; row < rows; row++) {
      long tokens = Integer.toUnsignedLong(in.getInt());
      long answers = Integer.toUnsignedLong(in.getInt());
      long left = rowBytes(tokens, answers) - ROW_HEADER_BYTES;
      if (left > in.remaining()) {
        throw place.corrupt(
            "row " + row + ": " + left + " bytes", "at most the " + in.remaining() + " left");
      }
      ids.add(new long[(int) tokens]);
      typeIds.add(new long[(int) tokens]);
      logits.add(new float[(int) answers]);
      int last = ids.size() - 1;
      for (int i = 0; i < tokens; i++) {
        ids.get(last)[i] = Integer.toUnsignedLong(in.getInt());
      }
      for (int i = 0; i < tokens; i++) {
        typeIds.get(last)[i] = Byte.toUnsignedLong(in.get());
      }
      for (int i = 0; i < answers; i++) {
        logits.get(last)[i] = in.getFloat();
      }
    }
    return new Probe(ids, typeIds, logits);
  }

  private static long rowBytes(long tokens, long logits) {
    return ROW_HEADER_BYTES + tokens * TOKEN_BYTES + logits * Float.BYTES;
  }

  private static void requireEqual(String what, int found, int expected, Place place) {
    if (found != expected) {
      throw place.corrupt(
          String.format(Locale.ROOT, "%s: 0x%08x", what, found),
          String.format(Locale.ROOT, "0x%08x", expected));
    }
  }
}
