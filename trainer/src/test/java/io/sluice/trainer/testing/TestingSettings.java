package io.sluice.trainer.testing;

import io.sluice.trainer.TrainSettings;
import java.util.Set;

/** Settings under which {@link TestingBackbone} learns {@link TestingData} in no time. */
public final class TestingSettings {
  private TestingSettings() {}

  /** Adapters of rank 4, a high rate, so many steps. */
  public static TrainSettings.Builder steps(int steps) {
    return TrainSettings.defaults().toBuilder()
        .search(search -> search.ranks(Set.of(4)))
        .task(task -> task.maxTokens(32))
        .schedule(schedule -> schedule.steps(steps))
        .optimizer(optimizer -> optimizer.learningRate(0.01));
  }

  /** The same, whose fine-tuning does not end early. */
  public static TrainSettings.Builder patient(int steps) {
    return steps(steps).schedule(schedule -> schedule.patience(100));
  }
}
