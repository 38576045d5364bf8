/**
 * {@code sluice experiment}: tasks with variants of the settings over seeds, as TOML files describe
 * them.
 *
 * <p>Starting points: {@link io.sluice.cli.command.experiment.ExperimentCommand} (runs them),
 * {@link io.sluice.cli.command.experiment.ExperimentFile} (what a file says). Confined to one
 * thread.
 */
@NullMarked
package io.sluice.cli.command.experiment;

import org.jspecify.annotations.NullMarked;
