/**
 * How the command line looks: tables, sparklines, colours that vanish when output is piped.
 *
 * <p>Starting points: {@link io.sluice.cli.terminal.Screen} is what commands write to. Knows
 * nothing of backbones, bundles or servers. Confined to one thread unless a class says otherwise.
 */
@NullMarked
package io.sluice.cli.terminal;

import org.jspecify.annotations.NullMarked;
