/**
 * How a training run looks while it goes on: a bar, and a line of gates now and then.
 *
 * <p>Starting point: {@link io.sluice.cli.training.TrainingView}. Used by {@code sluice train} and
 * by the demo. Called on the training thread.
 */
@NullMarked
package io.sluice.cli.training;

import org.jspecify.annotations.NullMarked;
