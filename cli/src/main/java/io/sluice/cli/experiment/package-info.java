/**
 * How an experiment looks while it goes on and when it has come to an end.
 *
 * <p>Starting points: {@link io.sluice.cli.experiment.ExperimentView} hears of the cells, {@link
 * io.sluice.cli.experiment.ExperimentText} prints what they come to. Knows nothing of files that
 * describe experiments.
 */
@NullMarked
package io.sluice.cli.experiment;

import org.jspecify.annotations.NullMarked;
