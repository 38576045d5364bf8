package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;

/**
 * The files of a key pair that signs bundles. The private file is PEM with two blocks, PRIVATE KEY
 * (PKCS #8) and PUBLIC KEY (X.509), because Java cannot work out the second from the first; the
 * public file has the second only.
 */
public final class SigningKeys {
  private static final String ALGORITHM = "Ed25519";

  private SigningKeys() {}

  /**
   * Writes both files, which must not be there yet, or neither; the private one for its owner only.
   *
   * @throws SluiceException ALREADY_EXISTS or UNAVAILABLE
   */
  public static void write(KeyPair keys, Path secret, Path open) {
    requireNonNull(keys, "keys");
    String shown = PemBlocks.write(PemBlocks.PUBLIC, keys.getPublic().getEncoded());
    String hidden = PemBlocks.write(PemBlocks.PRIVATE, keys.getPrivate().getEncoded());
    FileAttribute<?>[] owner =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      Files.createFile(secret, owner);
      try {
        Files.createFile(open);
        try {
          Files.writeString(secret, hidden + shown);
          Files.writeString(open, shown);
        } catch (IOException e) {
          Files.delete(open);
          throw e;
        }
      } catch (IOException e) {
        // Half a pair is none, and in the way of the next.
        Files.delete(secret);
        throw e;
      }
    } catch (FileAlreadyExistsException e) {
      throw new SluiceException(
          ErrorCode.ALREADY_EXISTS, e.getFile() + ": is there (expected: a new file)", e);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, secret + ": not written: " + e + " (expected: a new file)", e);
    }
  }

  /** Reads the private file; INVALID_ARGUMENT for anything but such a pair. */
  public static KeyPair read(Path secret) {
    List<byte[]> hidden = PemBlocks.read(secret, PemBlocks.PRIVATE);
    List<byte[]> shown = PemBlocks.read(secret, PemBlocks.PUBLIC);
    if (hidden.size() != 1 || shown.size() != 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          secret
              + ": "
              + hidden.size()
              + " private and "
              + shown.size()
              + " public keys (expected: one each; sluice bundle keygen makes such a file)");
    }
    try {
      KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
      PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(hidden.get(0)));
      PublicKey its = factory.generatePublic(new X509EncodedKeySpec(shown.get(0)));
      return new KeyPair(its, key);
    } catch (GeneralSecurityException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, secret + ": not its keys (expected: Ed25519, PEM)", e);
    }
  }
}
