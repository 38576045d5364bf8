package io.sluice.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A secret that its bearer shows: {@code sluice_} and 256 random bits in base64. A server keeps its
 * SHA-256 only; of a value this random no slower hash is needed.
 *
 * @param secret the whole of it, as sent after {@code Bearer}
 */
public record AccessToken(String secret) {
  private static final String PREFIX = "sluice_";
  private static final int RANDOM_BYTES = 32;

  public AccessToken {
    requireNonNull(secret, "secret");
  }

  /** A new one. */
  public static AccessToken create(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return new AccessToken(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** Its line in the file of tokens. */
  public String line(Role role, String name) {
    return TokenFile.SCHEME + HexFormat.of().formatHex(hash()) + " " + role + " " + name;
  }

  byte[] hash() {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: not in this Java runtime (expected: always)", e);
    }
  }

  /** Not the secret, which would end up in a log. */
  @Override
  public String toString() {
    return "token";
  }
}
