package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * What computes in an engine, without queue and threads: a batch is what the caller says, and takes
 * as long as the call. For measurements. Confined to one thread.
 */
public final class BareEngine implements AutoCloseable {
  private static final long STRUCTURE_BYTES = 64L << 20;

  private final SharedWeights shared;
  private final BackboneSessions sessions;
  private final StructureCache structures;
  private final TaskWeights weights;
  private final ExpressSessions express;
  private final BlockEngine blocks;
  private final List<LoadedTask> tasks = new ArrayList<>();

  /** Compiles the blocks, which are run one by one. */
  public BareEngine(Backbone backbone, Precision precision, OnnxRuntime runtime) {
    this(backbone, precision, runtime, 0);
  }

  /**
   * Compiles the blocks.
   *
   * @param expressBytes memory for sessions over several blocks, see {@link #join}
   */
  public BareEngine(
      Backbone backbone, Precision precision, OnnxRuntime runtime, long expressBytes) {
    requireNonNull(runtime, "runtime");
    shared = SharedWeights.on(runtime);
    sessions = BackboneSessions.open(backbone, shared, SessionSettings.oneOfMany(), precision);
    structures = new StructureCache(runtime, SessionSettings.oneOfMany(), STRUCTURE_BYTES);
    weights = new TaskWeights(runtime.memory());
    express =
        ExpressSessions.of(
            backbone, precision, runtime, shared, Cores.of(runtime).wideThreads(), expressBytes);
    blocks =
        new BlockEngine(
            sessions,
            0,
            structures,
            weights,
            express,
            null,
            null,
            runtime.memory(),
            System::nanoTime);
  }

  /** One row of a batch; row ids are those of the tokenizer, special tokens included. */
  @SuppressWarnings("ArrayRecordComponent") // handed over and never compared
  public record Asked(LoadedTask task, long[] ids) {}

  /** Loads a task, which lives as long as this. */
  public LoadedTask add(String name, AdapterBundle bundle) {
    LoadedTask task = LoadedTask.load(name, bundle, structures, weights);
    tasks.add(task);
    return task;
  }

  /** Makes the sessions that traffic of this task and of many like it would earn, if they fit. */
  public void join(LoadedTask task) {
    int points = sessions.backbone().points();
    express.prepare(task.leg());
    int from = 1;
    for (int point = 1; point <= points; point++) {
      if (task.adapter(point) != null || point == points) {
        if (point > from) {
          express.prepare(span(task, from, point));
        }
        from = point + 1;
      }
    }
  }

  private Leg span(LoadedTask task, int from, int to) {
    int point = sessions.backbone().firstTokenPoint();
    return Leg.span(from, to, task.endsOnFirstToken(point) ? point : Integer.MAX_VALUE);
  }

  /** Frees a task that was added. */
  public void remove(LoadedTask task) {
    if (tasks.remove(task)) {
      task.release();
    }
  }

  /** The logits of each row, all of one batch. */
  public List<float[]> run(List<Asked> batch) {
    List<Row> rows = new ArrayList<>(batch.size());
    for (Asked asked : batch) {
      Tokens tokens = new Tokens(asked.ids(), new long[asked.ids().length]);
      rows.add(new Row(asked.task(), tokens, System.nanoTime(), Row.NO_DEADLINE));
    }
    blocks.run(rows, true);
    try {
      return rows.stream().map(row -> row.result().join().logits()).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  @Override
  public void close() {
    tasks.forEach(LoadedTask::release);
    blocks.close();
    express.close();
    structures.close();
    sessions.close();
    shared.close();
  }
}
