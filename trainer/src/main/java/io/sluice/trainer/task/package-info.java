/**
 * Kinds of task: how examples become rows with targets, and logits become answers.
 *
 * <p>Starting points: {@link io.sluice.trainer.task.Task} (one form a kind), {@link
 * io.sluice.trainer.task.TaskRows} (a set of examples as rows), {@link
 * io.sluice.trainer.task.Judge} (what logits are worth), {@link io.sluice.trainer.task.Calibration}
 * and {@link io.sluice.trainer.task.Abstention} (temperature and threshold, settled on the dev
 * rows). It knows neither gates nor budgets, and holds nothing native.
 */
@NullMarked
package io.sluice.trainer.task;

import org.jspecify.annotations.NullMarked;
