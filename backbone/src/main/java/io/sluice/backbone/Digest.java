package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 content digest.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) implements Comparable<Digest> {
  private static final String PREFIX = "sha256:";
  private static final int HEX_LENGTH = 64;
  private static final int SHORT_LENGTH = 12;
  private static final int CHUNK_BYTES = 1 << 16;

  public Digest {
    requireNonNull(hex, "hex");
    if (hex.length() != HEX_LENGTH || !hex.chars().allMatch(Digest::isLowerHex)) {
      throw new IllegalArgumentException(
          "digest: " + hex + " (expected: 64 lower-case hexadecimal digits)");
    }
  }

  /** Reads {@code sha256:<hex>} or the bare 64 digits. */
  public static Digest parse(String text) {
    requireNonNull(text, "text");
    String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    if (hex.length() != HEX_LENGTH || !hex.chars().allMatch(Digest::isLowerHex)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "digest: " + text + " (expected: sha256: and 64 lower-case hexadecimal digits)");
    }
    return new Digest(hex);
  }

  /** The digest of {@code content}. */
  public static Digest of(byte[] content) {
    return fromSum(sha256().digest(requireNonNull(content, "content")));
  }

  /** The digest of the file's content, read in chunks. */
  public static Digest of(Path file) {
    MessageDigest sha = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        sha.update(chunk, 0, n);
      }
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.NOT_FOUND, file + ": cannot be read: " + e, e);
    }
    return finish(sha);
  }

  /** The digest that {@code sha} has gathered; {@code sha} is reset. */
  public static Digest finish(MessageDigest sha) {
    return fromSum(sha.digest());
  }

  /** A fresh SHA-256 computation. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: not in this JVM (expected: in every JVM)", e);
    }
  }

  /** The first 12 digits, for people and file names. */
  public String shortForm() {
    return hex.substring(0, SHORT_LENGTH);
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  /** {@code sha256:} and the 64 digits. */
  @Override
  public String toString() {
    return PREFIX + hex;
  }

  private static Digest fromSum(byte[] sum) {
    return new Digest(HexFormat.of().formatHex(sum));
  }

  private static boolean isLowerHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}
