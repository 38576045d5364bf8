package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.ActivationOutcome;
import io.sluice.loadtest.bundle.PerturbedBundles;
import io.sluice.loadtest.report.Spread;
import io.sluice.loadtest.vitals.ResidentMemory;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Registers more and more tasks of one structure and watches the server's process. Confined to one
 * thread.
 */
public final class MemoryCheck {
  private static final String TASK_PREFIX = "memory-";
  private static final int MERGED_SESSIONS = 10;
  private static final int MERGED_TOKENS = 32;

  private final PerturbedBundles bundles;
  private final TaskRegistrar registrar;
  private final long pid;

  /**
   * @param pid the server's process; this one when the server runs here
   */
  public MemoryCheck(PerturbedBundles bundles, TaskRegistrar registrar, long pid) {
    this.bundles = requireNonNull(bundles, "bundles");
    this.registrar = requireNonNull(registrar, "registrar");
    this.pid = pid;
  }

  /**
   * Registers tasks until there are as many as the last of {@code counts}, and looks at each count.
   *
   * @param counts numbers of tasks, ascending
   * @param progress is told in words what is being done
   */
  public List<MemoryReport.Step> run(List<Integer> counts, Consumer<String> progress) {
    int most = counts.get(counts.size() - 1);
    progress.accept("making " + most + " bundles");
    // All of them first, so that making them is not counted as the server's memory.
    List<AdapterBundle> made = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      made.add(bundles.bundle(i));
    }
    List<MemoryReport.Step> steps = new ArrayList<>();
    steps.add(new MemoryReport.Step(0, resident(), 0, 0));
    long reported = 0;
    int compiled = 0;
    int tasks = 0;
    for (int count : counts) {
      progress.accept("registering up to " + count + " tasks");
      for (; tasks < count; tasks++) {
        ActivationOutcome outcome = registrar.register(TASK_PREFIX + tasks, made.get(tasks));
        reported += outcome.residentBytes();
        compiled += outcome.compiledStructures();
      }
      steps.add(new MemoryReport.Step(tasks, resident(), reported, compiled));
    }
    return List.copyOf(steps);
  }

  /**
   * What one task costs this process as a session of its own: the growth of one more session of the
   * merged model, with weights of its own and run once. The first sessions may take memory that the
   * process has and does not use, so the growth is looked at when some are open already.
   *
   * @return median over some sessions, in bytes
   */
  public static long mergedSessionBytes(
      Backbone backbone, PerturbedBundles bundles, OnnxRuntime runtime) {
    long pid = ProcessHandle.current().pid();
    List<Double> growth = new ArrayList<>();
    List<PlainModel> open = new ArrayList<>();
    try {
      for (int i = 0; i < MERGED_SESSIONS; i++) {
        long before = settled(pid);
        open.add(merged(backbone, bundles.bundle(i), runtime));
        if (i >= MERGED_SESSIONS / 2) {
          growth.add((double) (settled(pid) - before));
        }
      }
      return Math.round(Spread.of(growth).median());
    } finally {
      open.forEach(PlainModel::close);
    }
  }

  private static PlainModel merged(Backbone backbone, AdapterBundle bundle, OnnxRuntime runtime) {
    int labels = bundle.manifest().labels().size();
    PlainModel model = new PlainModel(runtime, MergedGraph.adapted(backbone, bundle), labels);
    model.shape(1, MERGED_TOKENS).runAgain();
    return model;
  }

  private long resident() {
    return pid == ProcessHandle.current().pid() ? settled(pid) : ResidentMemory.bytes(pid);
  }

  /** What is garbage in this process is not the server's cost. */
  private static long settled(long pid) {
    System.gc();
    return ResidentMemory.bytes(pid);
  }
}
