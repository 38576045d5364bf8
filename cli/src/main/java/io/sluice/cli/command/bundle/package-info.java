/**
 * {@code sluice bundle}: what is in bundles, what they cost and reach, and who signed them.
 *
 * <p>Starting points: {@link io.sluice.cli.command.bundle.BundleCommand} (names them), {@link
 * io.sluice.cli.command.bundle.BundleEvaluate} (the one that computes). Confined to one thread.
 */
@NullMarked
package io.sluice.cli.command.bundle;

import org.jspecify.annotations.NullMarked;
