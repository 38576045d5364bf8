package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what the database names with the files that are there. Stateless. */
final class StoreCheck {
  private StoreCheck() {}

  /** Removes what writers that died left half done, and returns it. */
  static List<Path> sweep(BlobDirectory blobs) throws IOException {
    List<Path> temporary = blobs.files();
    temporary.removeIf(file -> !file.toString().endsWith(DurableFiles.TEMPORARY));
    for (Path file : temporary) {
      Files.delete(file);
    }
    return temporary;
  }

  /** Reads the file of every revision and verifies its checksums. */
  static StoreReport report(BlobDirectory blobs, Collection<TaskState> all, List<Path> swept)
      throws IOException {
    SortedMap<Digest, SortedSet<String>> digests = new TreeMap<>();
    for (TaskState task : all) {
      for (Revision revision : task.revisions()) {
        digests.computeIfAbsent(revision.digest(), digest -> new TreeSet<>()).add(task.name());
      }
    }
    List<StoreReport.Damage> damaged = new ArrayList<>();
    Set<Path> registered = new HashSet<>();
    digests.forEach(
        (digest, tasks) -> {
          Path file = blobs.file(digest);
          registered.add(file);
          blobs
              .damageAnew(digest)
              .ifPresent(
                  reason ->
                      damaged.add(
                          new StoreReport.Damage(digest, file, List.copyOf(tasks), reason)));
        });
    List<Path> unregistered = blobs.files();
    unregistered.removeAll(registered);
    return new StoreReport(digests.size(), damaged, unregistered, swept);
  }
}
