package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.checkpoint.SweepCheckpoints;
import io.sluice.trainer.compile.BundleCompiler;
import io.sluice.trainer.compile.Decision;
import io.sluice.trainer.compile.TrainedTask;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.PooledFeatures;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.task.Confidence;
import io.sluice.trainer.task.RowLimits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns a task: from labelled rows to a bundle whose adapters are where the task needs them and
 * within the budget. A run is a function of backbone, rows, settings and number of threads: the
 * same give the same bundle digest. Thread-safe; a run occupies its thread and ends early, with
 * {@link ErrorCode#CANCELLED}, when that is interrupted.
 */
public final class Trainer {
  private static final int PROBE_ROWS = 12;

  private final OnnxRuntime runtime;
  private final @Nullable SharedRows shared;

  public Trainer(OnnxRuntime runtime) {
    this(runtime, null);
  }

  /**
   * A trainer of runs over the same rows.
   *
   * @param shared keeps what they have in common; {@code null}: nothing
   */
  public Trainer(OnnxRuntime runtime, @Nullable SharedRows shared) {
    this.runtime = requireNonNull(runtime, "runtime");
    this.shared = shared;
  }

  /**
   * Runs once.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or a budget that will not do; {@code
   *     CANCELLED} when interrupted
   */
  public TrainResult train(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener) {
    return train(backbone, train, dev, settings, listener, Checkpoints.NONE);
  }

  /**
   * Runs once, or what is left of a run: from the newest checkpoint on there is every step as it
   * would have been, and the result is the uninterrupted run's to the bit.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param checkpoints where the run is saved, and taken up from
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or a budget that will not do; {@code
   *     FAILED_PRECONDITION} if the newest checkpoint is of another run; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public TrainResult train(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener,
      Checkpoints checkpoints) {
    Prepared prepared =
        prepare(
            backbone,
            new Rows(train, dev),
            settings,
            new RunProgress(listener),
            new Saved(checkpoints, Map.of()));
    return finish(prepared, fineTuning(prepared));
  }

  /**
   * One run under budgets that fall: at each, what the candidates have become is frozen, learns on
   * by itself and is compiled; then the search goes on from before the freeze. Costs much less than
   * a run for each budget.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; its budget does not matter
   * @param budgets one or more, in one unit, falling
   * @return what was reached at each stop
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or budgets that will not do; {@code
   *     CANCELLED} when interrupted
   */
  public List<TrainResult> sweep(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      List<Budget> budgets,
      SweepListener listener) {
    return sweep(backbone, train, dev, settings, budgets, listener, SweepCheckpoints.NONE);
  }

  /**
   * A sweep, or what is left of one: stops that were finished are compiled again from what was
   * kept, all others go on, and every bundle is the uninterrupted sweep's to the bit.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; its budget does not matter
   * @param budgets one or more, in one unit, falling
   * @param checkpoints where the sweep is saved, and taken up from
   * @return what was reached at each stop
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows or budgets that will not do; {@code
   *     FAILED_PRECONDITION} if a checkpoint is of another sweep; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public List<TrainResult> sweep(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      List<Budget> budgets,
      SweepListener listener,
      SweepCheckpoints checkpoints) {
    if (!settings.search().method().searches()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "method: "
              + settings.search().method().word()
              + " (expected: "
              + Method.LEARNED.word()
              + ": a sweep is one search under falling budgets)");
    }
    List<TrainSettings> stops =
        budgets.stream().map(budget -> settings.toBuilder().budget(budget).build()).toList();
    SearchSpace space = CandidateSpace.of(backbone, settings.search());
    List<BudgetPlan> plans =
        budgets.stream().map(budget -> BudgetPlan.of(budget, space, backbone)).toList();
    requireFalling(budgets, plans);
    SweepProgress heard = new SweepProgress(listener);
    heard.begin(1, budgets.get(0));
    Prepared first =
        prepare(
            backbone,
            new Rows(train, dev),
            stops.get(0),
            new RunProgress(heard),
            new Saved(checkpoints.search(), Map.of("sweep", budgets.toString())));
    RunContext run = first.run();
    StructureSearch search = new StructureSearch(run, space, first.start().map());
    SavedState searched = run.checkpoints().resumed();
    if (searched != null) {
      search.restore(searched);
    }
    List<TrainResult> results = new ArrayList<>();
    for (int i = 0; i < stops.size(); i++) {
      if (i > 0) {
        heard.begin(i + 1, budgets.get(i));
        Schedule next = run.schedule().next(first.run().schedule());
        run = run.tightened(stops.get(i), next, plans.get(i));
        run.progress().over(space, backbone.hiddenSize(), plans.get(i));
      }
      FineTuning stop = stop(run, search, space, checkpoints.stop(i + 1));
      TrainResult result = finish(first.at(stop.run()), stop);
      results.add(result);
      listener.reached(i + 1, result);
    }
    return results;
  }

  /** What is left of a stop after its freeze; the search, if it was not there yet. */
  private static FineTuning stop(
      RunContext run, StructureSearch search, SearchSpace space, Checkpoints checkpoints) {
    boolean begun = checkpoints.newest().isPresent();
    FrozenStructure frozen = null;
    if (!begun) {
      frozen = search.search(run);
      search.keep();
    }
    RunProgress progress = run.progress().fork();
    RunCheckpoints saved = run.checkpoints().of(checkpoints, progress);
    RunContext stop = run.with(progress, saved);
    SavedState resumed = saved.resumed();
    return frozen != null
        ? new FineTuning(stop, frozen)
        : FineTuning.resume(stop, space, requireNonNull(resumed, "resumed"));
  }

  /**
   * Tunes all weights of the encoder that its forward graph reads, and the head: the usual
   * yardstick for adapters, by the same data, head start, evaluation and schedule as a run whose
   * structure is set before. It makes no bundle, as what is tuned is not the encoder that tasks
   * share any more, and leaves the backbone itself as it is. The rate is that of the settings,
   * which adapters want much higher: {@link OptimizerSettings#FULL_TUNING_RATE} is a good one here,
   * and it falls from layer to layer by {@link OptimizerSettings#layerDecay}.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; budget and search do not matter
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows that will not do; {@code CANCELLED}
   *     when interrupted
   */
  public FullTuningResult tuneAll(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener) {
    return tuneAll(backbone, train, dev, settings, listener, Checkpoints.NONE);
  }

  /**
   * Tunes all weights, or goes on with it: from the newest checkpoint on there is every step as it
   * would have been. A checkpoint holds four numbers a weight; an encoder of more than 33 million
   * weights is not saved.
   *
   * @param train rows to learn from
   * @param dev rows to choose by, with labels that the train rows have too
   * @param settings of the run; budget and search do not matter
   * @param checkpoints where the run is saved, and taken up from
   * @throws SluiceException {@code INVALID_ARGUMENT} for rows that will not do; {@code
   *     FAILED_PRECONDITION} if the newest checkpoint is of another run; {@code CANCELLED} when
   *     interrupted, after a checkpoint has been saved
   */
  public FullTuningResult tuneAll(
      Backbone backbone,
      Dataset train,
      Dataset dev,
      TrainSettings settings,
      ProgressListener listener,
      Checkpoints checkpoints) {
    TrainSettings whole =
        settings.toBuilder().search(search -> search.method(Method.HEAD_ONLY)).build();
    Prepared prepared =
        prepare(
            backbone,
            new Rows(train, dev),
            whole,
            new RunProgress(listener),
            new Saved(FullTuning.saved(backbone, checkpoints), Map.of("learned", "all weights")));
    return new FullTuning(prepared.run(), prepared.start()).tune();
  }

  private static void requireFalling(List<Budget> budgets, List<BudgetPlan> plans) {
    if (budgets.isEmpty()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "budgets: none (expected: one or more, falling)");
    }
    for (int i = 1; i < plans.size(); i++) {
      if (plans.get(i).limit() >= plans.get(i - 1).limit()
          || !plans.get(i).unit().equals(plans.get(i - 1).unit())) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            "budgets: "
                + budgets.get(i)
                + " after "
                + budgets.get(i - 1)
                + " (expected: falling, in one unit)");
      }
    }
  }

  /** Labelled rows to learn from and to choose by. */
  private record Rows(Dataset train, Dataset dev) {}

  /**
   * Where checkpoints are.
   *
   * @param besides what the run is a function of besides the settings, by name
   */
  private record Saved(Checkpoints store, Map<String, String> besides) {}

  /** A run before its first step. */
  private record Prepared(TaskData data, StructurePlan plan, HeadStart start, RunContext run) {
    Prepared at(RunContext stop) {
      return new Prepared(data, plan, start, stop);
    }
  }

  private Prepared prepare(
      Backbone backbone,
      Rows given,
      TrainSettings settings,
      RunProgress progress,
      Saved checkpoints) {
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
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
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
    return new Prepared(data, plan, start, run);
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

  private TrainResult finish(Prepared prepared, FineTuning fineTuning) {
    RunContext run = prepared.run();
    FrozenStructure structure = fineTuning.structure();
    WeightLearning.State tuned = fineTuning.tune();
    fineTuning.keep(tuned);
    WeightLearning.Best best = tuned.best();
    Confidence confidence =
        Confidence.of(run.judge(), best.logits(), run.settings().task().abstainBelow());
    RunRecord.Figures figures =
        new RunRecord.Figures(best.dev(), confidence, prepared.start().dev());
    RunEvidence evidence = RunEvidence.of(run, figures, structure.cost());
    AdapterBundle bundle = compile(run, prepared.data(), structure.candidates(), best, evidence);
    return new TrainResult(
        run.settings().search().method(),
        bundle,
        best.dev(),
        prepared.start().dev(),
        confidence,
        structure.cost(),
        run.budget().limit(),
        run.budget().unit(),
        counts(run.backbone(), bundle, run.head()),
        evidence.history(),
        evidence.findings(),
        tuned.step(),
        run.progress().elapsedNanos());
  }

  /** Fine-tuning, after the search or what is left of it, if there is one. */
  private static FineTuning fineTuning(Prepared prepared) {
    RunContext run = prepared.run();
    SearchSpace space = prepared.plan().space();
    SavedState resumed = run.checkpoints().resumed();
    if (resumed != null && resumed.has(SavedLearning.STEPS_DONE)) {
      return FineTuning.resume(run, space, resumed);
    }
    BitSet chosen = prepared.plan().chosen();
    if (chosen != null) {
      return FineTuning.of(run, space, chosen, prepared.start().map());
    }
    StructureSearch search = new StructureSearch(run, space, prepared.start().map());
    if (resumed != null) {
      search.restore(resumed);
    }
    return new FineTuning(run, search.search());
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
              List.of(rows.train().rows(), rows.dev().rows()),
              count -> progress.prepared(done[0] += count, all));
      start = HeadStart.fit(runtime, data, rows, features, settings.task());
    }
    return start;
  }

  private AdapterBundle compile(
      RunContext run,
      TaskData data,
      List<Candidate> structure,
      WeightLearning.Best best,
      RunEvidence evidence) {
    ParameterLayout layout = run.graphs().layout(structure);
    EncodedRows probe = run.dev().first(Math.min(PROBE_ROWS, run.dev().size()));
    float[][] logits;
    // What the bundle is held to for ever, on any machine.
    OnnxRuntime cpu = runtime.onCpu();
    try (ForwardSession forward =
        new ForwardSession(cpu, run.graphs().forward(structure), layout.size())) {
      logits = forward.logits(probe, best.values());
    }
    Confidence confidence = evidence.figures().confidence();
    TrainedTask task =
        new TrainedTask(
            run.backbone(),
            structure,
            run.head(),
            layout,
            best.values(),
            data.task().kind(),
            data.task().labels(),
            new Decision(confidence.calibration().temperature(), confidence.threshold()),
            data.train().textFields(),
            run.settings().task().maxTokens(),
            evidence.figures().metrics(),
            RunRecord.provenance(data, run));
    return new BundleCompiler(cpu).compile(task, probe.encodings(), logits, evidence::attachments);
  }

  private static TrainResult.ParameterCounts counts(
      Backbone backbone, AdapterBundle bundle, TaskHead head) {
    long adapters = bundle.manifest().structure().stream().mapToLong(PointEntry::parameters).sum();
    long headCount =
        head.parameters(backbone.hiddenSize()).stream().mapToLong(spec -> spec.size()).sum();
    return new TrainResult.ParameterCounts(
        adapters, headCount, backbone.parameters(), backbone.bodyParameters());
  }
}
