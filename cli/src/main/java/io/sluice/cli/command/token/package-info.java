/**
 * {@code sluice token}: secrets that a server lets in.
 *
 * <p>Starting points: {@link io.sluice.cli.command.token.TokenCommand} (names them), {@link
 * io.sluice.cli.command.token.TokenCreate} (makes one). Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.token;

import org.jspecify.annotations.NullMarked;
