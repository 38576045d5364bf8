/**
 * {@code sluice bench}: a server measured in this process or in one of its own, and training on a
 * device.
 *
 * <p>Starting points: {@link io.sluice.cli.command.bench.BenchCommand} (names them), {@link
 * io.sluice.cli.command.bench.BenchValues} (what their options may be). What they measure with is
 * in {@code io.sluice.loadtest}. Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.bench;

import org.jspecify.annotations.NullMarked;
