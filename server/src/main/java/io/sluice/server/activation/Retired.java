package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.store.CollectedBundles;
import io.sluice.registry.store.TaskState;

/**
 * What the retirement of a task did.
 *
 * @param task as it was before
 * @param generation requests admitted from it on find no such task
 * @param collected bundles that were deleted, of this task and of earlier retirements
 */
public record Retired(TaskState task, long generation, CollectedBundles collected) {
  public Retired {
    requireNonNull(task, "task");
    requireNonNull(collected, "collected");
  }
}
