package io.sluice.trainer.data;

import io.sluice.backbone.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 over rows. Each field is its length in bytes (4, big-endian; -1 = absent), then its
 * UTF-8; so no two different data sets share an input to the hash. Confined to one thread.
 */
final class DatasetDigest {
  private final MessageDigest sha256;

  DatasetDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: not provided by this JVM (expected: always)", e);
    }
  }

  /** Takes the next row. */
  void add(Example example) {
    field(example.text());
    field(example.pair());
    example.truth().fields().forEach(this::field);
    if (!(example.truth() instanceof Truth.Label)) {
      // As many fields as it pleases: their end is marked.
      field(null);
    }
  }

  /** The digest of all that it was given; once. */
  Digest digest() {
    return new Digest(HexFormat.of().formatHex(sha256.digest()));
  }

  private void field(@Nullable String value) {
    byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
    sha256.update(ByteBuffer.allocate(4).putInt(value == null ? -1 : bytes.length).array());
    sha256.update(bytes);
  }
}
