/**
 * Bundles of learned adapters and the store that keeps them.
 *
 * <p>Nothing lives in this package itself. Starting points: {@link
 * io.sluice.registry.bundle.BundleReader} for the format, {@code io.sluice.registry.probe} for
 * running a bundle, {@code io.sluice.registry.answer} for what its logits say, {@code
 * io.sluice.registry.store} for tasks and revisions on disk. Knows the backbone; knows neither the
 * trainer nor the server nor any wire message.
 */
@NullMarked
package io.sluice.registry;

import org.jspecify.annotations.NullMarked;
