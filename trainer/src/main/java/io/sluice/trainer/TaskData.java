package io.sluice.trainer;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.task.Task;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Train and dev rows that fit together.
 *
 * @param train rows to learn from
 * @param dev rows to choose by
 * @param task what they make
 */
record TaskData(Dataset train, Dataset dev, Task task) {

  /**
   * Checks that they make a task.
   *
   * @param kind of what kind; {@code null}: what the train rows look like
   * @throws io.sluice.backbone.SluiceException {@code INVALID_ARGUMENT} with everything that is
   *     wrong
   */
  static TaskData of(Dataset train, Dataset dev, @Nullable TaskKind kind) {
    Task task = Task.of(kind == null ? Task.kindOf(train) : kind, train, dev);
    return new TaskData(train, dev, task);
  }

  /** Digest over both sets. */
  Digest digest() {
    return Digest.of(
        (train.digest().hex() + "\n" + dev.digest().hex() + "\n")
            .getBytes(StandardCharsets.US_ASCII));
  }
}
