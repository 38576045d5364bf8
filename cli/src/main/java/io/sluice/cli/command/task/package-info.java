/**
 * {@code sluice task}: tasks of a running server, over its admin port.
 *
 * <p>Starting points: {@link io.sluice.cli.command.task.TaskCommand} (names them), {@link
 * io.sluice.cli.command.task.TaskRegister} (the one that brings a bundle). Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.task;

import org.jspecify.annotations.NullMarked;
