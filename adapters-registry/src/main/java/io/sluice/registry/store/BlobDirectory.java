package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.BundleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Bundle files named by their digest: {@code sha256/ab/ab12....sluice}. Files appear whole or not
 * at all and never change. Thread-safe.
 */
final class BlobDirectory {
  private static final int FAN_OUT = 2;

  private final Path root;
  private final BundleLimits limits;

  BlobDirectory(Path root, BundleLimits limits) throws IOException {
    this.root = Files.createDirectories(root.resolve("sha256"));
    DirectorySync.force(root);
    this.limits = limits;
  }

  Path file(Digest digest) {
    return folder(digest).resolve(digest.hex() + BundleFormat.EXTENSION);
  }

  /**
   * Makes sure that the bundle's file is there, intact. One that is there stays, unless it is
   * damaged or lacks the signature this one has. On return its name is on the disk too, also where
   * a writer that died had left the file or the folder.
   */
  void put(AdapterBundle bundle) throws IOException {
    Path file = file(bundle.digest());
    Path folder = Files.createDirectories(folder(bundle.digest()));
    DirectorySync.force(root);
    if (Files.exists(file) && damage(bundle.digest()).isEmpty()) {
      boolean signs =
          bundle.signature() != null && BundleReader.read(file, limits).signature() == null;
      if (!signs) {
        DirectorySync.force(folder);
        return;
      }
    }
    BundleWriter.save(bundle, file);
  }

  AdapterBundle read(Digest digest) {
    return BundleReader.read(file(digest), limits);
  }

  /** Why the file of {@code digest} cannot be used; empty when it can. */
  Optional<String> damage(Digest digest) {
    Path file = file(digest);
    try {
      Digest found = BundleReader.verify(file, limits);
      return found.equals(digest)
          ? Optional.empty()
          : Optional.of(file + ": digest " + found + " (expected: " + digest + ")");
    } catch (SluiceException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** All files below, temporary ones included. */
  List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return new ArrayList<>(walk.filter(Files::isRegularFile).sorted().toList());
    }
  }

  private Path folder(Digest digest) {
    return root.resolve(digest.hex().substring(0, FAN_OUT));
  }
}
