/**
 * {@code sluice serve}: settings from the command line, the environment and a file, and a server
 * until a signal ends it.
 *
 * <p>Starting points: {@link io.sluice.cli.command.serve.ServeCommand} (runs it), {@link
 * io.sluice.cli.command.serve.ServeArguments} (puts the settings together). Confined to one thread,
 * but for the end by a signal.
 */
@NullMarked
package io.sluice.cli.command.serve;

import org.jspecify.annotations.NullMarked;
