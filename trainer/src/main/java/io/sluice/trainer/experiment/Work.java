package io.sluice.trainer.experiment;

import io.sluice.trainer.Method;
import io.sluice.trainer.OptimizerSettings;
import io.sluice.trainer.Schedule;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;

/** How much work a cell is likely to be: tokens that pass the encoder, forwards and backwards. */
public final class Work {
  /** Of what a letter of most texts is in tokens. */
  private static final double TOKENS_PER_CHARACTER = 0.24;

  /** What a row has besides its words. */
  private static final int MARKS = 3;

  /** A step that goes back to every weight, in passes that only go forwards. */
  private static final double FULL = 3;

  /** A step that goes back to adapters. */
  private static final double ADAPTED = 2.2;

  /** A step that does not go back into the encoder, most of whose rows are kept besides. */
  private static final double HEAD = 0.3;

  private static final int SAMPLE = 2000;

  private Work() {}

  /**
   * Of one cell.
   *
   * @param train rows to learn from
   * @param full whether every weight of the encoder learns
   */
  public static double of(TrainSettings settings, Dataset train, boolean full) {
    OptimizerSettings optimizer = settings.optimizer();
    double rows =
        (double) steps(settings, train.size())
            * optimizer.batchSize()
            * optimizer.accumulation()
            * passes(settings, full);
    return (rows + train.size()) * tokens(train, settings.task().maxTokens());
  }

  private static double passes(TrainSettings settings, boolean full) {
    if (full) {
      return FULL;
    }
    return settings.search().method() == Method.HEAD_ONLY ? HEAD : ADAPTED;
  }

  private static int steps(TrainSettings settings, int rows) {
    int batch = settings.optimizer().batchSize() * settings.optimizer().accumulation();
    int perEpoch = Math.max(1, rows / batch);
    Integer steps = settings.schedule().steps();
    Integer epochs = settings.schedule().epochs();
    if (steps != null) {
      return steps;
    }
    return epochs != null ? epochs * perEpoch : Schedule.defaultSteps(perEpoch);
  }

  /** Mean length of a row. */
  private static double tokens(Dataset rows, int most) {
    return rows.examples().stream()
        .limit(SAMPLE)
        .mapToDouble(example -> Math.min(most, MARKS + TOKENS_PER_CHARACTER * characters(example)))
        .average()
        .orElse(most);
  }

  private static int characters(Example example) {
    String pair = example.pair();
    return example.text().length() + (pair == null ? 0 : pair.length());
  }
}
