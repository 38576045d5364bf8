/**
 * What several commands share: options for backbones, devices, threads, rows, servers and files,
 * the values they may have, where output goes.
 *
 * <p>Starting points: {@link io.sluice.cli.command.option.Output} (the screen of a command), {@link
 * io.sluice.cli.command.option.Input} (values as the user gave them). It knows no command. Confined
 * to one thread.
 */
@NullMarked
package io.sluice.cli.command.option;

import org.jspecify.annotations.NullMarked;
