/**
 * {@code sluice backbone}: encoders imported, looked at, compared with their exports and timed.
 *
 * <p>Starting points: {@link io.sluice.cli.command.backbone.BackboneCommand} (names them), {@link
 * io.sluice.cli.command.backbone.BackboneImport} (what comes first). Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.backbone;

import org.jspecify.annotations.NullMarked;
