package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.TaskHead;
import io.sluice.trainer.optim.AdamW;
import io.sluice.trainer.optim.LearningRate;
import io.sluice.trainer.task.Judge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the parts of one run share.
 *
 * @param ratchet the budgets that were in force before this run's, falling; empty but in a sweep
 * @param rampFrom the cost from which the budget falls to this run's
 */
record RunContext(
    OnnxRuntime runtime,
    Backbone backbone,
    TrainSettings settings,
    TaskHead head,
    AdaptedGraphs graphs,
    EncodedRows train,
    EncodedRows dev,
    Judge judge,
    BatchPlan batches,
    Schedule schedule,
    BudgetPlan budget,
    RunProgress progress,
    RunCheckpoints checkpoints,
    List<Budget> ratchet,
    double rampFrom) {
  /** The learning rate's course over the whole run; without a search, it falls from the peak on. */
  LearningRate learningRate() {
    int warmUp = Math.max(1, (int) Math.round(settings.schedule().warmUp() * schedule.steps()));
    return schedule.freezeStep() == 0
        ? new LearningRate(schedule.steps(), warmUp, warmUp, 1)
        : new LearningRate(
            schedule.steps(), warmUp, schedule.freezeStep(), settings.schedule().fineTuneRate());
  }

  /** The same run at its next stop, under a tighter budget. */
  RunContext tightened(TrainSettings next, Schedule nextSchedule, BudgetPlan nextBudget) {
    List<Budget> budgets = new ArrayList<>(ratchet);
    budgets.add(settings.budget());
    return new RunContext(
        runtime,
        backbone,
        next,
        head,
        graphs,
        train,
        dev,
        judge,
        batches,
        nextSchedule,
        nextBudget,
        progress,
        checkpoints,
        List.copyOf(budgets),
        Math.min(rampFrom, (double) budget.limit()));
  }

  /** The same, told of and saved elsewhere. */
  RunContext with(RunProgress other, RunCheckpoints saved) {
    return new RunContext(
        runtime, backbone, settings, head, graphs, train, dev, judge, batches, schedule, budget,
        other, saved, ratchet, rampFrom);
  }

  /** The budget in force at a step, of each constraint. */
  double[] budgetInForce(int step) {
    double left = schedule.budgetLeft(step);
    double[] inForce = budget.inForce(left);
    double limit = (double) budget.limit();
    inForce[0] = limit >= rampFrom ? rampFrom : limit + left * (rampFrom - limit);
    return inForce;
  }

  /** An optimiser of the weights of a layout, its moments at zero. */
  AdamW optimizer(ParameterLayout layout) {
    float[] scales = new float[layout.size()];
    Arrays.fill(scales, 1);
    return new AdamW(
        AdamW.Settings.withDecay(settings.optimizer().weightDecay()), scales, layout.decayed());
  }

  /** Dropout and smoothing as set. */
  Regularisation regularisation() {
    return new Regularisation(
        backbone.hiddenSize(),
        head.labels(),
        settings.optimizer().dropout(),
        settings.optimizer().labelSmoothing(),
        settings.optimizer().adapterDropout(),
        settings.seed());
  }
}
