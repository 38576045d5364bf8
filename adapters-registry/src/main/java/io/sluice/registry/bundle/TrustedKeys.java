package io.sluice.registry.bundle;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The public keys whose signatures one accepts, each with a name for people. Immutable. */
public final class TrustedKeys {
  private static final TrustedKeys NONE = new TrustedKeys(Map.of());

  private final Map<Digest, String> names;

  private TrustedKeys(Map<Digest, String> names) {
    this.names = Map.copyOf(names);
  }

  /** Trusts no key: every signed bundle is {@link SignatureStatus.Untrusted}. */
  public static TrustedKeys none() {
    return NONE;
  }

  /** Trusts these Ed25519 keys, by name. */
  public static TrustedKeys of(Map<String, PublicKey> keys) {
    Map<Digest, String> names = new HashMap<>();
    keys.forEach((name, key) -> names.put(Digest.of(key.getEncoded()), name));
    return new TrustedKeys(names);
  }

  /**
   * Trusts the keys in a file, or in the {@code *.pem} files of a directory. A key's name is its
   * file's, with a number after it where there are several.
   */
  public static TrustedKeys read(Path path) {
    Map<String, PublicKey> keys = new HashMap<>();
    if (!Files.isDirectory(path)) {
      add(path, keys);
      return of(keys);
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*.pem")) {
      files.forEach(file -> add(file, keys));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, path + ": unreadable (expected: a directory of .pem files)", e);
    }
    return of(keys);
  }

  /** How far the origin of {@code bundle} is known. */
  public SignatureStatus status(AdapterBundle bundle) {
    BundleSignature signature = bundle.signature();
    if (signature == null) {
      return new SignatureStatus.Unsigned();
    }
    String name = names.get(signature.keyId());
    return name == null
        ? new SignatureStatus.Untrusted(signature.keyId())
        : new SignatureStatus.Trusted(signature.keyId(), name);
  }

  /** Refuses a bundle that none of these keys has signed. */
  public void require(AdapterBundle bundle) {
    SignatureStatus status = status(bundle);
    if (!(status instanceof SignatureStatus.Trusted)) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "bundle "
              + bundle.digest().shortForm()
              + ": "
              + status
              + " (expected: a signature by one of "
              + names.values().stream().sorted().toList()
              + ")");
    }
  }

  private static void add(Path file, Map<String, PublicKey> keys) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.(pem|pub)$", "");
    List<byte[]> blocks = PemBlocks.read(file, PemBlocks.PUBLIC);
    if (blocks.isEmpty()) {
      throw notAKey(file, null);
    }
    try {
      KeyFactory factory = KeyFactory.getInstance("Ed25519");
      for (int i = 0; i < blocks.size(); i++) {
        keys.put(
            i == 0 ? name : name + "-" + (i + 1),
            factory.generatePublic(new X509EncodedKeySpec(blocks.get(i))));
      }
    } catch (GeneralSecurityException e) {
      throw notAKey(file, e);
    }
  }

  private static SluiceException notAKey(Path file, @Nullable Throwable cause) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        file + ": not a public key (expected: Ed25519, PEM, -----BEGIN PUBLIC KEY-----)",
        cause);
  }
}
