/**
 * The {@code sluice} command: one entry over the trainer, the server and the load test.
 *
 * <p>Starting points: {@link io.sluice.cli.Main} wires and runs, {@code io.sluice.cli.command}
 * holds one class per subcommand, {@code io.sluice.cli.demo} the demonstration. Standard output
 * carries results, standard error carries progress, warnings and errors. Every error a user can
 * cause is one line {@code sluice: name: value (expected: ...)} and exit code 2.
 */
@NullMarked
package io.sluice.cli;

import org.jspecify.annotations.NullMarked;
