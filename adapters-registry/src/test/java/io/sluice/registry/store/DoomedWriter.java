package io.sluice.registry.store;

import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * The process that {@link StoreCrashTest} kills: registers, activates, rolls back and maybe retires
 * without end, and prints a line for each change that the store has acknowledged.
 */
final class DoomedWriter {
  private DoomedWriter() {}

  /**
   * Arguments: the store, a directory of bundles, the number of the first one to use, and {@code
   * forgetful} for a store that keeps two revisions and tasks that are retired at times.
   */
  public static void main(String[] args) throws IOException {
    List<Path> bundles;
    try (var files = Files.list(Path.of(args[1]))) {
      bundles = files.sorted().toList();
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    boolean forgetful = args.length > 3;
    BundleStore store =
        BundleStore.open(
            Path.of(args[0]),
            BundleLimits.defaults(),
            StoreSettings.defaults().withKeptRevisions(forgetful ? 2 : Integer.MAX_VALUE),
            InstantSource.system());
    out.println("open");
    for (int i = Integer.parseInt(args[2]); ; i++) {
      AdapterBundle bundle =
          BundleReader.read(bundles.get(i % bundles.size()), BundleLimits.defaults());
      String task = "task-" + i % 3;
      store.register(task, bundle);
      out.println("registered " + task + " " + bundle.digest().hex());
      TaskState state = store.activate(task, bundle.digest(), null);
      out.println("version " + task + " " + state.version());
      if (i % 4 == 3 && state.rollbackTarget().isPresent()) {
        state = store.rollback(task);
        out.println("version " + task + " " + state.version());
      }
      if (forgetful && i % 7 == 6) {
        out.println("retiring " + task);
        store.retireTask(task, null);
        out.println("retired " + task);
        store.collect();
      }
    }
  }
}
