package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.util.SortedMap;

/** Signs bundles with one Ed25519 key pair. Immutable and thread-safe. */
public final class BundleSigner {
  private final KeyPair keys;

  /**
   * A signer with these keys.
   *
   * @param keys an Ed25519 key pair
   */
  public BundleSigner(KeyPair keys) {
    this.keys = requireNonNull(keys, "keys");
  }

  /** A new random Ed25519 key pair. */
  public static KeyPair newKeys() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Ed25519: not in this Java runtime (expected: since 15)", e);
    }
  }

  /** The same bundle, same digest, with this signer's signature in place of any it had. */
  public AdapterBundle sign(AdapterBundle bundle) {
    SortedMap<String, byte[]> entries = bundle.entries();
    byte[] signature = signature(bundle.sums());
    entries.put(BundleFormat.SIGNATURE, BundleSignature.of(keys.getPublic(), signature).toBytes());
    return BundleWriter.assemble(entries, BundleLimits.defaults());
  }

  private byte[] signature(byte[] content) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(keys.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "keys: " + keys.getPrivate().getAlgorithm() + " (expected: an Ed25519 key pair)", e);
    }
  }
}
