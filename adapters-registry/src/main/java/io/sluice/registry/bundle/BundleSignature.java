package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * An Ed25519 signature of a bundle, with the key that verifies it: {@code signature.ed25519}.
 *
 * <p>Layout of the entry, 108 bytes: 44 bytes of public key (X.509 SubjectPublicKeyInfo, DER), then
 * 64 bytes of signature (RFC 8032) over the bytes of {@code SHA256SUMS}. A reader refuses a
 * signature that does not verify with the key beside it; whether that key is to be trusted is for
 * {@link TrustedKeys} to say. Immutable.
 */
public final class BundleSignature {
  static final int BYTES = 108;
  private static final int KEY_BYTES = 44;
  private static final String ALGORITHM = "Ed25519";

  private final byte[] bytes;

  private BundleSignature(byte[] bytes) {
    this.bytes = bytes;
  }

  static BundleSignature of(PublicKey key, byte[] signature) {
    byte[] encoded = requireNonNull(key, "key").getEncoded();
    if (encoded == null || encoded.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "key: " + key.getAlgorithm() + " (expected: " + ALGORITHM + ", X.509 encoded)");
    }
    byte[] bytes = Arrays.copyOf(encoded, BYTES);
    System.arraycopy(signature, 0, bytes, KEY_BYTES, BYTES - KEY_BYTES);
    return new BundleSignature(bytes);
  }

  /** Reads an entry and requires that it verifies over {@code signed}. */
  static BundleSignature verified(byte[] entry, byte[] signed, Place place) {
    if (entry.length != BYTES) {
      throw place.corrupt(entry.length + " bytes", String.valueOf(BYTES));
    }
    try {
      byte[] encoded = Arrays.copyOf(entry, KEY_BYTES);
      PublicKey key =
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(key);
      verifier.update(signed);
      if (Arrays.equals(key.getEncoded(), encoded)
          && verifier.verify(entry, KEY_BYTES, BYTES - KEY_BYTES)) {
        return new BundleSignature(entry.clone());
      }
    } catch (GeneralSecurityException e) {
      throw place.corrupt("not a key and a signature", "an Ed25519 key and signature", e);
    }
    throw new BundleCorruptException(
        ErrorCode.FAILED_PRECONDITION,
        place.source(),
        BundleFormat.SIGNATURE,
        "a signature of something else: forged, or of another bundle",
        "one of this " + BundleFormat.SUMS,
        null);
  }

  /** What names the signing key: SHA-256 of its X.509 encoding. */
  public Digest keyId() {
    return Digest.of(Arrays.copyOf(bytes, KEY_BYTES));
  }

  byte[] toBytes() {
    return bytes.clone();
  }
}
