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
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The public keys whose signatures one accepts, each with a name for people. Immutable. */
public final class TrustedKeys {
  private static final TrustedKeys NONE = new TrustedKeys(Map.of());
  private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String PEM_END = "-----END PUBLIC KEY-----";

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

  /** Trusts the keys in the {@code *.pem} files of a directory; a key's name is its file's. */
  public static TrustedKeys read(Path directory) {
    Map<String, PublicKey> keys = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.pem")) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        keys.put(name.substring(0, name.length() - ".pem".length()), readKey(file));
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, directory + ": unreadable (expected: a directory of .pem files)", e);
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

  private static PublicKey readKey(Path file) throws IOException {
    try {
      String text = Files.readString(file).strip();
      if (text.startsWith(PEM_BEGIN) && text.endsWith(PEM_END)) {
        byte[] encoded =
            Base64.getMimeDecoder()
                .decode(text.substring(PEM_BEGIN.length(), text.length() - PEM_END.length()));
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
      }
      throw notAKey(file, null);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw notAKey(file, e);
    }
  }

  private static SluiceException notAKey(Path file, @Nullable Throwable cause) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        file + ": not a public key (expected: Ed25519, PEM, " + PEM_BEGIN + ")",
        cause);
  }
}
