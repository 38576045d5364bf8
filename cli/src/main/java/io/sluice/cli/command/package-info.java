/**
 * The root of the command line, and a package for each of its commands: options in, a call to the
 * module that does the work, a table or a line out.
 *
 * <p>Starting points: {@link io.sluice.cli.command.SluiceCommand} lists them, {@link
 * io.sluice.cli.command.Failures} maps what goes wrong to a line and an exit code; what commands
 * share is in {@code option}. Commands hold no logic that another program would want; that belongs
 * in the modules below. Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command;

import org.jspecify.annotations.NullMarked;
