package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.TrunkLimits;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * All that decides a run besides backbone and data. Immutable; start from {@link #defaults()}. A
 * value that exists is in range, its parts with it; everything out of range in any of them is
 * reported in one message.
 *
 * @param budget what the adapters may cost, where the method heeds it
 * @param search what is searched, and how
 * @param optimizer how weights follow their gradients
 * @param schedule how long the run is and when it ends
 * @param task how rows become answers and answers a score
 * @param seed of every random number
 * @param trunk how much of what the trunk makes of the rows is kept; decides how long a run takes,
 *     not what comes out of it
 */
public record TrainSettings(
    Budget budget,
    SearchSettings search,
    OptimizerSettings optimizer,
    ScheduleSettings schedule,
    TaskSettings task,
    long seed,
    TrunkLimits trunk) {

  public TrainSettings {
    requireNonNull(budget, "budget");
    requireNonNull(search, "search");
    requireNonNull(optimizer, "optimizer");
    requireNonNull(schedule, "schedule");
    requireNonNull(task, "task");
    requireNonNull(trunk, "trunk");
    SettingProblems problems = new SettingProblems();
    search.check(problems);
    optimizer.check(problems);
    schedule.check(problems);
    task.check(problems);
    problems.throwIfAny();
  }

  /** 1.4 % of the backbone's parameters, and every part's defaults. */
  public static TrainSettings defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .budget(budget)
        .search(search)
        .optimizer(optimizer)
        .schedule(schedule)
        .task(task)
        .seed(seed)
        .trunk(trunk);
  }

  /** Every setting that results depend on, but the seed, by name, as bundles keep it. */
  public Map<String, String> described() {
    Map<String, String> values = new TreeMap<>();
    values.put("budget", search.method().budgeted() ? budget.toString() : "does not apply");
    search.describe(values);
    optimizer.describe(values);
    schedule.describe(values);
    task.describe(values);
    return values;
  }

  /** Settings being put together; ranges are checked by {@link #build}. Confined to one thread. */
  public static final class Builder {
    private Budget budget = new Budget.ParameterShare(0.014);
    private SearchSettings search = SearchSettings.defaults();
    private OptimizerSettings optimizer = OptimizerSettings.defaults();
    private ScheduleSettings schedule = ScheduleSettings.defaults();
    private TaskSettings task = TaskSettings.defaults();
    private long seed = 1;
    private TrunkLimits trunk = TrunkLimits.defaults();

    private Builder() {}

    /** Sets {@link TrainSettings#budget}. */
    public Builder budget(Budget value) {
      budget = value;
      return this;
    }

    /** Sets {@link TrainSettings#search}. */
    public Builder search(SearchSettings value) {
      search = value;
      return this;
    }

    /** Changes some of {@link TrainSettings#search}. */
    public Builder search(UnaryOperator<SearchSettingsBuilder> change) {
      return search(change.apply(search.toBuilder()).build());
    }

    /** Sets {@link TrainSettings#optimizer}. */
    public Builder optimizer(OptimizerSettings value) {
      optimizer = value;
      return this;
    }

    /** Changes some of {@link TrainSettings#optimizer}. */
    public Builder optimizer(UnaryOperator<OptimizerSettingsBuilder> change) {
      return optimizer(change.apply(optimizer.toBuilder()).build());
    }

    /** Sets {@link TrainSettings#schedule}. */
    public Builder schedule(ScheduleSettings value) {
      schedule = value;
      return this;
    }

    /** Changes some of {@link TrainSettings#schedule}. */
    public Builder schedule(UnaryOperator<ScheduleSettingsBuilder> change) {
      return schedule(change.apply(schedule.toBuilder()).build());
    }

    /** Sets {@link TrainSettings#task}. */
    public Builder task(TaskSettings value) {
      task = value;
      return this;
    }

    /** Changes some of {@link TrainSettings#task}. */
    public Builder task(UnaryOperator<TaskSettingsBuilder> change) {
      return task(change.apply(task.toBuilder()).build());
    }

    /** Sets {@link TrainSettings#seed}. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Sets {@link TrainSettings#trunk}. */
    public Builder trunk(TrunkLimits value) {
      trunk = value;
      return this;
    }

    /**
     * The settings.
     *
     * @throws SluiceException {@code INVALID_ARGUMENT} naming everything out of range
     */
    public TrainSettings build() {
      return new TrainSettings(budget, search, optimizer, schedule, task, seed, trunk);
    }
  }
}
