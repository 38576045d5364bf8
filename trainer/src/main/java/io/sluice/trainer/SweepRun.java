package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.checkpoint.SweepCheckpoints;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One search under budgets that fall, frozen at each: what was frozen learns on by itself and is
 * compiled, then the search goes on from before the freeze. Confined to the training thread.
 */
final class SweepRun {
  private final RunPreparation preparation;
  private final Backbone backbone;
  private final TrainSettings settings;
  private final List<Budget> budgets;
  private final SearchSpace space;
  private final List<BudgetPlan> plans;

  /**
   * A sweep that has not begun.
   *
   * @param budgets one or more, in one unit, falling
   * @throws SluiceException {@code INVALID_ARGUMENT} for other budgets, or a method without a
   *     search
   */
  SweepRun(
      RunPreparation preparation, Backbone backbone, TrainSettings settings, List<Budget> budgets) {
    this.preparation = preparation;
    this.backbone = backbone;
    this.settings = settings;
    this.budgets = List.copyOf(budgets);
    requireSearch();
    space = CandidateSpace.of(backbone, settings.search());
    plans = budgets.stream().map(budget -> BudgetPlan.of(budget, space, backbone)).toList();
    requireFalling(budgets, plans);
  }

  /**
   * Runs it, or what is left of it.
   *
   * @return what was reached at each stop
   */
  List<TrainResult> run(
      RunPreparation.Rows rows, SweepListener listener, SweepCheckpoints checkpoints) {
    List<TrainSettings> stops =
        budgets.stream().map(budget -> settings.toBuilder().budget(budget).build()).toList();
    SweepProgress heard = new SweepProgress(listener);
    heard.begin(1, budgets.get(0));
    PreparedRun first =
        preparation.prepare(
            backbone,
            rows,
            stops.get(0),
            new RunProgress(heard),
            new RunPreparation.Saved(checkpoints.search(), Map.of("sweep", budgets.toString())));
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
      TrainResult result = RunEnd.of(first.at(stop.run()), stop);
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

  private void requireSearch() {
    if (!settings.search().method().searches()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "method: "
              + settings.search().method().word()
              + " (expected: "
              + Method.LEARNED.word()
              + ": a sweep is one search under falling budgets)");
    }
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
}
