package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.PooledFeatures;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.task.RowLimits;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a run does before its first step: rows are checked and tokenised, the structures that
 * may be are counted out, and a head is fitted on the untouched backbone. Thread-safe.
 */
final class RunPreparation {
  private final OnnxRuntime runtime;
  private final @Nullable SharedRows shared;

  /**
   * Preparation of runs over the same rows.
   *
   * @param shared keeps what they have in common; {@code null}: nothing
   */
  RunPreparation(OnnxRuntime runtime, @Nullable SharedRows shared) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.shared = shared;
  }

  /** Labelled rows to learn from and to choose by. */
  record Rows(Dataset train, Dataset dev) {}

  /**
   * Where checkpoints are.
   *
   * @param besides what the run is a function of besides the settings, by name
   */
  record Saved(Checkpoints store, Map<String, String> besides) {}

  PreparedRun prepare(
      Backbone backbone,
      Rows given,
      TrainSettings settings,
      RunProgress progress,
      Saved checkpoints) {
    requireComputable(settings);
    TaskData data = TaskData.of(given.train(), given.dev(), settings.task().kind());
    StructurePlan plan = StructurePlan.of(backbone, settings);
    BudgetPlan budget = plan.budget();
    progress.over(plan.space(), backbone.hiddenSize(), budget);
    Map<String, String> identity = RunRecord.identity(backbone, data, settings, runtime);
    identity.putAll(checkpoints.besides());
    RunCheckpoints saved = new RunCheckpoints(checkpoints.store(), identity, progress);
    SharedRows.Made made = made(backbone, data, settings, progress);
    EncodedTask rows = made.rows();
    HeadStart start = made.start();
    progress.probed(start.dev());
    TaskHead head = start.head();
    BatchPlan batches =
        new BatchPlan(
            rows.train().rows().lengths(), settings.optimizer().batchSize(), settings.seed());
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, backbone, head).withPrecision(settings.task().precision());
    RunContext run =
        new RunContext(
            runtime,
            backbone,
            settings,
            head,
            settings.optimizer().adapterDropout() > 0 ? graphs.withAdapterDropout() : graphs,
            rows.train().rows(),
            rows.dev().rows(),
            rows.dev().judge(),
            batches,
            schedule(settings, batches),
            budget,
            progress,
            saved,
            List.of(),
            (double) budget.full());
    return new PreparedRun(data, plan, start, run);
  }

  private void requireComputable(TrainSettings settings) {
    settings.task().precision().requireOn(runtime.settings().device());
  }

  private static Schedule schedule(TrainSettings settings, BatchPlan batches) {
    int steps = steps(settings, batches.stepsPerEpoch());
    return settings.search().method().searches()
        ? Schedule.ofSteps(steps, settings.schedule().searchShare())
        : Schedule.frozen(steps);
  }

  private static int steps(TrainSettings settings, int batchesPerEpoch) {
    Integer steps = settings.schedule().steps();
    Integer epochs = settings.schedule().epochs();
    int accumulation = settings.optimizer().accumulation();
    if (steps != null) {
      return steps;
    }
    if (epochs == null) {
      return Schedule.defaultSteps(batchesPerEpoch / accumulation);
    }
    long batches = (long) epochs * batchesPerEpoch;
    return Math.max(
        ScheduleSettings.LEAST_STEPS, Math.toIntExact((batches + accumulation - 1) / accumulation));
  }

  private SharedRows.Made made(
      Backbone backbone, TaskData data, TrainSettings settings, RunProgress progress) {
    SharedRows kept = shared;
    // A head that answers for each token is fitted by seed and batch size.
    return kept == null || data.task().kind().answersPerToken()
        ? make(backbone, data, settings, progress)
        : kept.of(backbone, data, settings.task(), () -> make(backbone, data, settings, progress));
  }

  private SharedRows.Made make(
      Backbone backbone, TaskData data, TrainSettings settings, RunProgress progress) {
    EncodedTask rows = encode(backbone, data, settings, progress);
    return new SharedRows.Made(rows, headStart(backbone, data, rows, settings, progress));
  }

  private static EncodedTask encode(
      Backbone backbone, TaskData data, TrainSettings settings, RunProgress progress) {
    if (settings.task().maxTokens() > backbone.maxPositions()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "max-tokens: "
              + settings.task().maxTokens()
              + " (expected: <= "
              + backbone.maxPositions()
              + ", the positions of "
              + backbone.name()
              + ")");
    }
    progress.prepared(0, data.train().size() + data.dev().size());
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      RowLimits limits = settings.task().limits();
      return new EncodedTask(
          data.task().encode(data.train(), tokenizer, limits),
          data.task().encode(data.dev(), tokenizer, limits));
    }
  }

  private HeadStart headStart(
      Backbone backbone,
      TaskData data,
      EncodedTask rows,
      TrainSettings settings,
      RunProgress progress) {
    HeadStart start;
    if (data.task().kind().answersPerToken()) {
      TaskHead head = data.task().head(Pooling.NONE);
      start = HeadOnly.fit(runtime, backbone, head, rows, settings, progress);
    } else {
      int all = rows.train().rows().size() + rows.dev().rows().size();
      int[] done = {0};
      List<PooledFeatures> features =
          PooledFeatures.compute(
              runtime,
              backbone,
              settings.task().precision(),
              List.of(rows.train().rows(), rows.dev().rows()),
              count -> progress.prepared(done[0] += count, all));
      start = HeadStart.fit(runtime, data, rows, features, settings.task());
    }
    return start;
  }
}
