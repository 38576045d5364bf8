/**
 * Experiments: many runs, over tasks, variants of the settings and seeds, in one folder that any
 * number of processes may work on and that can be gone on with at any time.
 *
 * <p>Starting points: {@link io.sluice.trainer.experiment.ExperimentRun} does what is left to do of
 * a plan, {@link io.sluice.trainer.experiment.ExperimentFolder} is what is kept of it. What comes
 * out is summed up in {@link io.sluice.trainer.experiment.summary}. Knows nothing of files that
 * describe an experiment.
 */
@NullMarked
package io.sluice.trainer.experiment;

import org.jspecify.annotations.NullMarked;
