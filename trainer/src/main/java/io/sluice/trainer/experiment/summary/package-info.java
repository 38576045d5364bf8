/**
 * What an experiment's results come to: means and spreads over seeds, differences between variants,
 * a table and drawings.
 *
 * <p>Starting points: {@link io.sluice.trainer.experiment.summary.ExperimentReport} writes all of
 * it, {@link io.sluice.trainer.experiment.summary.Scores} reckons. Works on whatever results there
 * are.
 */
@NullMarked
package io.sluice.trainer.experiment.summary;

import org.jspecify.annotations.NullMarked;
