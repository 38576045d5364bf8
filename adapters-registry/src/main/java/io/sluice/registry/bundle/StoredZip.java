package io.sluice.registry.bundle;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Codec of the one zip shape that {@link BundleFormat} allows. Stateless.
 *
 * <p>Decoding rebuilds every header from name, size and content and compares: what is accepted is
 * byte for byte what {@link #encode} gives, so no two readers can see two things in one file.
 */
final class StoredZip {
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int CENTRAL_SIGNATURE = 0x02014b50;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final short VERSION = 10;
  private static final short MIDNIGHT = 0;
  private static final short FIRST_OF_JANUARY_1980 = 0x21;
  private static final int MAX_NAME = 64;

  private StoredZip() {}

  static byte[] encode(SortedMap<String, byte[]> entries) {
    long total = END_BYTES;
    for (var entry : entries.entrySet()) {
      total += LOCAL_BYTES + CENTRAL_BYTES + 2L * entry.getKey().length() + entry.getValue().length;
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(total)).order(LITTLE_ENDIAN);
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    for (var entry : entries.entrySet()) {
      int crc = crc(entry.getValue(), 0, entry.getValue().length);
      int size = entry.getValue().length;
      directory.writeBytes(central(entry.getKey(), size, crc, out.position()));
      out.put(local(entry.getKey(), size, crc)).put(entry.getValue());
    }
    int start = out.position();
    out.put(directory.toByteArray());
    out.put(end(entries.size(), out.position() - start, start));
    return out.array();
  }

  static SortedMap<String, byte[]> decode(byte[] zip, Place place, BundleLimits limits) {
    ByteBuffer in = ByteBuffer.wrap(zip).order(LITTLE_ENDIAN);
    int directoryEnd = zip.length - END_BYTES;
    int count = checkedEnd(in, place, limits);
    SortedMap<String, byte[]> entries = new TreeMap<>();
    int position = in.getInt(directoryEnd + 16);
    int offset = 0;
    String last = "";
    for (int i = 0; i < count; i++) {
      String name = checkedName(in, position, directoryEnd, last, place);
      int size = checkedSize(in, position, name, offset, place, limits);
      int content = offset + LOCAL_BYTES + name.length();
      int next = content + size;
      if (next > in.getInt(directoryEnd + 16) || next < content) {
        throw place.entry(name).corrupt("content up to byte " + next, "within the file");
      }
      int crc = crc(zip, content, size);
      require(in, offset, local(name, size, crc), place.entry(name), "local header");
      require(in, position, central(name, size, crc, offset), place.entry(name), "directory entry");
      entries.put(name, Arrays.copyOfRange(zip, content, next));
      position += CENTRAL_BYTES + name.length();
      offset = next;
      last = name;
    }
    byte[] end = end(count, position - offset, offset);
    if (position != directoryEnd) {
      throw place.corrupt("directory ends at byte " + position, "byte " + directoryEnd);
    }
    require(in, directoryEnd, end, place, "end record");
    return entries;
  }

  /** The end record's entry count, once its sizes are known to lie within the file. */
  private static int checkedEnd(ByteBuffer in, Place place, BundleLimits limits) {
    int directoryEnd = in.capacity() - END_BYTES;
    if (directoryEnd < 0 || in.getInt(directoryEnd) != END_SIGNATURE) {
      throw place.corrupt(
          "no zip end record in the last " + END_BYTES + " bytes",
          "one; the file is cut short, or something follows the zip");
    }
    int count = Short.toUnsignedInt(in.getShort(directoryEnd + 10));
    long size = Integer.toUnsignedLong(in.getInt(directoryEnd + 12));
    long start = Integer.toUnsignedLong(in.getInt(directoryEnd + 16));
    if (count > limits.maxEntries()) {
      throw place.corrupt(count + " entries", "at most " + limits.maxEntries());
    }
    if (start + size != directoryEnd) {
      throw place.corrupt(
          "directory of " + size + " bytes at byte " + start, "one that ends at " + directoryEnd);
    }
    return count;
  }

  private static String checkedName(
      ByteBuffer in, int position, int directoryEnd, String last, Place place) {
    int length =
        position + CENTRAL_BYTES > directoryEnd
            ? MAX_NAME + 1
            : Short.toUnsignedInt(in.getShort(position + 28));
    if (length > MAX_NAME || position + CENTRAL_BYTES + length > directoryEnd) {
      throw place.corrupt(
          "directory entry at byte " + position + " runs over its end",
          "names of at most " + MAX_NAME + " characters");
    }
    byte[] bytes = new byte[length];
    in.get(position + CENTRAL_BYTES, bytes);
    String name = new String(bytes, ISO_8859_1);
    if (name.compareTo(last) <= 0) {
      throw place.corrupt(
          "entry " + Checks.printable(name) + " after " + Checks.printable(last),
          "names once each and in order");
    }
    return name;
  }

  private static int checkedSize(
      ByteBuffer in, int position, String name, int offset, Place place, BundleLimits limits) {
    long most = BundleFormat.mostBytes(name, limits);
    if (most == 0) {
      throw place.corrupt("entry " + Checks.printable(name), "only names the format has");
    }
    Place at = place.entry(name);
    int flags = Short.toUnsignedInt(in.getShort(position + 8));
    int method = Short.toUnsignedInt(in.getShort(position + 10));
    long size = Integer.toUnsignedLong(in.getInt(position + 24));
    long start = Integer.toUnsignedLong(in.getInt(position + 42));
    if (flags != 0) {
      throw at.corrupt((flags & 1) == 1 ? "encrypted" : "zip flags " + flags, "none, flags 0");
    }
    if (method != 0) {
      throw at.corrupt("compression method " + method, "0, stored");
    }
    if (size > most) {
      throw at.corrupt(size + " bytes", "at most " + most);
    }
    if (start != offset) {
      throw at.corrupt("starts at byte " + start, "byte " + offset + ", without gap or overlap");
    }
    return (int) size;
  }

  private static void require(ByteBuffer in, int offset, byte[] expected, Place at, String what) {
    int different = in.slice(offset, expected.length).mismatch(ByteBuffer.wrap(expected));
    if (different >= 0) {
      throw at.corrupt(
          String.format(
              Locale.ROOT, "%s, byte %d: %02x", what, different, in.get(offset + different)),
          String.format(Locale.ROOT, "%02x, from its name and content", expected[different]));
    }
  }

  private static byte[] local(String name, int size, int crc) {
    ByteBuffer out = ByteBuffer.allocate(LOCAL_BYTES + name.length()).order(LITTLE_ENDIAN);
    out.putInt(LOCAL_SIGNATURE);
    putCommon(out, name, size, crc);
    return out.put(name.getBytes(US_ASCII)).array();
  }

  private static byte[] central(String name, int size, int crc, int offset) {
    ByteBuffer out = ByteBuffer.allocate(CENTRAL_BYTES + name.length()).order(LITTLE_ENDIAN);
    out.putInt(CENTRAL_SIGNATURE).putShort(VERSION);
    putCommon(out, name, size, crc);
    // Comment length, disk, internal and external attributes.
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0).putInt(offset);
    return out.put(name.getBytes(US_ASCII)).array();
  }

  private static void putCommon(ByteBuffer out, String name, int size, int crc) {
    // Version needed, flags, method.
    out.putShort(VERSION).putShort((short) 0).putShort((short) 0);
    out.putShort(MIDNIGHT).putShort(FIRST_OF_JANUARY_1980);
    out.putInt(crc).putInt(size).putInt(size);
    // Extra field length last.
    out.putShort((short) name.length()).putShort((short) 0);
  }

  private static byte[] end(int count, int directoryBytes, int directoryStart) {
    ByteBuffer out = ByteBuffer.allocate(END_BYTES).order(LITTLE_ENDIAN);
    out.putInt(END_SIGNATURE).putShort((short) 0).putShort((short) 0);
    out.putShort((short) count).putShort((short) count);
    out.putInt(directoryBytes).putInt(directoryStart).putShort((short) 0);
    return out.array();
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
