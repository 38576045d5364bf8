package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.BundleSignature;
import io.sluice.registry.bundle.BundleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bundle files named by their digest: {@code sha256/ab/ab12....sluice}. Files appear whole or not
 * at all and never change; one that was found intact is not read again for that while it looks the
 * same. Thread-safe.
 */
final class BlobDirectory {
  private static final int FAN_OUT = 2;

  private final Path root;
  private final BundleLimits limits;
  private final Map<Digest, FileStamp> intact = new ConcurrentHashMap<>();
  private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

  BlobDirectory(Path root, BundleLimits limits) throws IOException {
    this.root = Folders.make(root.resolve("sha256"));
    DurableFiles.sync(root);
    this.limits = limits;
  }

  Path file(Digest digest) {
    return folder(digest).resolve(digest.hex() + BundleFormat.EXTENSION);
  }

  /**
   * Makes sure that the bundle's file is there, intact. One that is there stays, unless it is
   * damaged or this one is signed by another key or at all. On return its name is on the disk too,
   * also where a writer that died had left the file or the folder.
   *
   * @return whether the file is this very bundle's, signature included
   */
  boolean put(AdapterBundle bundle) throws IOException {
    Path file = file(bundle.digest());
    Path folder = folder(bundle.digest());
    if (!durableFolders.contains(folder)) {
      Folders.make(folder);
      DurableFiles.sync(root);
      durableFolders.add(folder);
    }
    if (Files.exists(file) && damage(bundle.digest()).isEmpty()) {
      if (!signsAnew(bundle, file)) {
        DurableFiles.sync(folder);
        return false;
      }
    }
    BundleWriter.save(bundle, file);
    remember(bundle.digest(), FileStamp.of(file));
    return true;
  }

  /** The signature that came last is kept: a key may be retired, or was never trusted. */
  private boolean signsAnew(AdapterBundle bundle, Path file) {
    BundleSignature signature = bundle.signature();
    if (signature == null) {
      return false;
    }
    BundleSignature kept = BundleReader.read(file, limits).signature();
    return kept == null || !kept.keyId().equals(signature.keyId());
  }

  /** Reads the whole bundle and checks it. */
  AdapterBundle read(Digest digest) {
    FileStamp before = FileStamp.of(file(digest));
    AdapterBundle bundle = BundleReader.read(file(digest), limits);
    if (bundle.digest().equals(digest)) {
      remember(digest, before);
    }
    return bundle;
  }

  /** Why the file of {@code digest} cannot be used; empty when it can. */
  Optional<String> damage(Digest digest) {
    Path file = file(digest);
    FileStamp now = FileStamp.of(file);
    if (now != null && now.equals(intact.get(digest))) {
      return Optional.empty();
    }
    try {
      Digest found = BundleReader.verify(file, limits);
      if (found.equals(digest)) {
        remember(digest, now);
        return Optional.empty();
      }
      return Optional.of(file + ": digest " + found + " (expected: " + digest + ")");
    } catch (SluiceException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The same without trusting an earlier look. */
  Optional<String> damageAnew(Digest digest) {
    intact.remove(digest);
    return damage(digest);
  }

  /**
   * Deletes the file; one that is not there is deleted already.
   *
   * @return its size
   */
  long delete(Digest digest) throws IOException {
    Path file = file(digest);
    intact.remove(digest);
    long sizeBytes = Files.exists(file) ? Files.size(file) : 0;
    if (Files.deleteIfExists(file)) {
      DurableFiles.sync(folder(digest));
    }
    return sizeBytes;
  }

  /** All files below, temporary ones included. */
  List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return new ArrayList<>(walk.filter(Files::isRegularFile).sorted().toList());
    }
  }

  /** The stamp is of before the file was read: what was written meanwhile is looked at again. */
  private void remember(Digest digest, @Nullable FileStamp stamp) {
    if (stamp != null) {
      intact.put(digest, stamp);
    }
  }

  private Path folder(Digest digest) {
    return root.resolve(digest.hex().substring(0, FAN_OUT));
  }
}
