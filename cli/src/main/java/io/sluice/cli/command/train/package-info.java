/**
 * {@code sluice train}: one training, or one under falling budgets.
 *
 * <p>Starting points: {@link io.sluice.cli.command.train.TrainCommand} (one), {@link
 * io.sluice.cli.command.train.TrainSweep} (several budgets). Its options are an experiment's too.
 * Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.train;

import org.jspecify.annotations.NullMarked;
