package io.sluice.server.engine;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Tensor;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How adapters and heads of a batch are run: each on its task's slice, or those of neighbouring
 * tasks of one structure together. One that fails fails the rows of its task, and nobody else's.
 * Confined to one engine thread.
 */
final class PartRuns {
  private static final Logger LOG = LoggerFactory.getLogger(PartRuns.class);

  private final BlockEngine engine;
  private final OwnLanes own;
  private final WeightsInUse weights;

  /** Tasks whose rows have failed: their weights may be freed by now and are not touched again. */
  private final Set<LoadedTask> failed = new HashSet<>();

  /**
   * @param own of the batch
   * @param weights that the batch reads
   */
  PartRuns(BlockEngine engine, OwnLanes own, WeightsInUse weights) {
    this.engine = engine;
    this.own = own;
    this.weights = weights;
  }

  boolean hasFailed(LoadedTask task) {
    return failed.contains(task);
  }

  /**
   * Runs the part of one task.
   *
   * @param where what it is, for people
   * @param feed adds the activations it takes
   * @return false when it failed: then its task's rows have failed
   */
  boolean alone(
      Subgraph part,
      Layout layout,
      Layout.Slice slice,
      Supplier<String> where,
      BiConsumer<Subgraph, Map<String, Tensor>> feed,
      Map<String, Tensor> outputs) {
    long sinceNanos = engine.nanoTime();
    try {
      Map<String, Tensor> inputs = part.inputs(weights);
      feed.accept(part, inputs);
      run(part.structure(), inputs, outputs);
    } catch (RuntimeException e) {
      fail(slice.task(), where.get(), e);
      return false;
    }
    layout.charge(slice.start(), slice.rows(), engine.nanoTime() - sinceNanos);
    return true;
  }

  /**
   * Runs the parts of many tasks of one structure in one run.
   *
   * @param feed adds the activations they take
   * @return false if not: then they are to be run one by one
   */
  boolean together(
      Layout.Company company,
      Layout layout,
      BiConsumer<Subgraph, Map<String, Tensor>> feed,
      Map<String, Tensor> outputs) {
    StackedRun run = StackedRun.of(company, engine.slots());
    if (run == null) {
      return false;
    }
    long sinceNanos = engine.nanoTime();
    try (run) {
      Map<String, Tensor> inputs = run.inputs();
      feed.accept(company.first(), inputs);
      run(run.structure(), inputs, outputs);
    } catch (RuntimeException e) {
      // Whose fault it is shows when they are run one by one.
      LOG.warn("tasks of one structure: run together failed, run one by one", e);
      return false;
    }
    layout.charge(company.start(), company.rows(), engine.nanoTime() - sinceNanos);
    return true;
  }

  private void run(Structure structure, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    CompiledGraph compiled = engine.structures().acquire(structure);
    try {
      compiled.session().run(inputs, outputs);
    } finally {
      compiled.release();
    }
  }

  private void fail(LoadedTask task, String where, RuntimeException cause) {
    SluiceException failure =
        new SluiceException(
            ErrorCode.INTERNAL,
            "task \"" + task.name() + "\": " + where + ": " + cause.getMessage(),
            cause);
    failed.add(task);
    for (Row row : own.rows()) {
      if (row.task() == task) {
        row.fail(failure);
      }
    }
  }
}
