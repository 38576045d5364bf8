package io.sluice.trainer.checkpoint;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The bytes of a checkpoint. Big-endian: magic {@code "SLCK"}, format version (int), number of
 * parts (int); for each part the length of its name (int), the name (UTF-8), its length (int), its
 * bytes, in which numbers are little-endian; last the SHA-256 (32 bytes) of all that goes before.
 */
final class SavedStateFormat {
  private static final int MAGIC = 0x534C434B;
  private static final int VERSION = 1;
  private static final int DIGEST_BYTES = 32;

  private SavedStateFormat() {}

  static byte[] write(SavedState state) {
    SortedMap<byte[], byte[]> named = new TreeMap<>(Arrays::compare);
    int size = 3 * Integer.BYTES + DIGEST_BYTES;
    for (var part : state.parts().entrySet()) {
      byte[] name = part.getKey().getBytes(StandardCharsets.UTF_8);
      named.put(name, part.getValue());
      size = Math.addExact(size, 2 * Integer.BYTES + name.length + part.getValue().length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    bytes.putInt(MAGIC).putInt(VERSION).putInt(named.size());
    named.forEach(
        (name, part) -> bytes.putInt(name.length).put(name).putInt(part.length).put(part));
    bytes.put(digest(bytes.array(), bytes.position()));
    return bytes.array();
  }

  /**
   * Reads a checkpoint.
   *
   * @param source what to call it in a complaint
   * @throws SluiceException {@code DATA_LOSS} unless every byte is as it was written; {@code
   *     FAILED_PRECONDITION} for another version's
   */
  static SavedState read(byte[] content, String source) {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    if (content.length < 3 * Integer.BYTES + DIGEST_BYTES || bytes.getInt() != MAGIC) {
      throw damaged(source, content.length + " bytes", "a checkpoint of this program");
    }
    int end = content.length - DIGEST_BYTES;
    byte[] digest = digest(content, end);
    if (!Arrays.equals(digest, 0, DIGEST_BYTES, content, end, content.length)) {
      throw damaged(source, "SHA-256 differs", HexFormat.of().formatHex(digest));
    }
    int version = bytes.getInt();
    if (version != VERSION) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          source + ": version " + version + " (expected: " + VERSION + ")");
    }
    try {
      SortedMap<String, byte[]> parts = new TreeMap<>();
      for (int left = bytes.getInt(); left > 0; left--) {
        String name = new String(block(bytes, end), StandardCharsets.UTF_8);
        parts.put(name, block(bytes, end));
      }
      return new SavedState(parts);
    } catch (BufferUnderflowException e) {
      throw damaged(source, "ends within a part", "whole parts");
    }
  }

  private static byte[] block(ByteBuffer bytes, int end) {
    int length = bytes.getInt();
    if (length < 0 || length > end - bytes.position()) {
      throw new BufferUnderflowException();
    }
    byte[] block = new byte[length];
    bytes.get(block);
    return block;
  }

  private static byte[] digest(byte[] content, int length) {
    return HexFormat.of().parseHex(Digest.of(Arrays.copyOf(content, length)).hex());
  }

  private static SluiceException damaged(String source, String found, String expected) {
    return new SluiceException(
        ErrorCode.DATA_LOSS, source + ": " + found + " (expected: " + expected + ")");
  }
}
