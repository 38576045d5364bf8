package io.sluice.trainer;

import io.sluice.trainer.task.TaskRows;

/** Train and dev rows as the backbone reads them. */
record EncodedTask(TaskRows train, TaskRows dev) {}
