/**
 * {@code sluice classify} and {@code sluice answer}: one text or a stream of rows put to a running
 * server.
 *
 * <p>Starting points: {@link io.sluice.cli.command.ask.ClassifyCommand} (labels and values), {@link
 * io.sluice.cli.command.ask.AnswerCommand} (answers to questions). Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.ask;

import org.jspecify.annotations.NullMarked;
