package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * What a check of a store found.
 *
 * @param checked number of registered bundles looked at
 * @param damaged those that are missing or broken; all else can be used
 * @param unregistered files of bundles that no task names, left by a death between writing the file
 *     and noting it; harmless, used again when the bundle is registered
 * @param swept temporary files that were removed
 */
public record StoreReport(
    int checked, List<Damage> damaged, List<Path> unregistered, List<Path> swept) {
  /** Copies the lists. */
  public StoreReport {
    damaged = List.copyOf(damaged);
    unregistered = List.copyOf(unregistered);
    swept = List.copyOf(swept);
  }

  /**
   * A registered bundle that cannot be used.
   *
   * @param digest the bundle
   * @param file where it should lie
   * @param tasks the tasks that have it as a revision
   * @param reason what is wrong: found, expected
   */
  public record Damage(Digest digest, Path file, List<String> tasks, String reason) {
    /** Copies the list. */
    public Damage {
      tasks = List.copyOf(tasks);
    }
  }
}
