package io.sluice.registry.bundle;

import io.sluice.backbone.Digest;

/** How far the origin of a bundle is known. */
public sealed interface SignatureStatus {
  /** It carries no signature. */
  record Unsigned() implements SignatureStatus {
    @Override
    public String toString() {
      return "unsigned";
    }
  }

  /** Its signature is right, but the key is not among the trusted ones. */
  record Untrusted(Digest keyId) implements SignatureStatus {
    @Override
    public String toString() {
      return "signed by the unknown key " + keyId;
    }
  }

  /** Its signature is right and by a trusted key. */
  record Trusted(Digest keyId, String name) implements SignatureStatus {
    @Override
    public String toString() {
      return "signed by " + name + " (" + keyId.shortForm() + ")";
    }
  }
}
