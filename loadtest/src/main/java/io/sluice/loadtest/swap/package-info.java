/**
 * Bundles exchanged while clients ask: what the clients notice.
 *
 * <p>Starting points: {@link io.sluice.loadtest.swap.SwapUnderLoad} runs it, {@link
 * io.sluice.loadtest.swap.ActivationLog} is where the exchanges of bundles are written down, {@link
 * io.sluice.loadtest.swap.ReplyCheck} compares them with the replies.
 */
@NullMarked
package io.sluice.loadtest.swap;

import org.jspecify.annotations.NullMarked;
