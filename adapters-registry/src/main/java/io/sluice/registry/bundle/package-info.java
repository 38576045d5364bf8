/**
 * The adapter bundle: what a trained task is, and its file format.
 *
 * <p>Starting points: {@link io.sluice.registry.bundle.AdapterBundle} (the value), {@link
 * io.sluice.registry.bundle.BundleWriter} and {@link io.sluice.registry.bundle.BundleReader} (the
 * file), {@link io.sluice.registry.bundle.BundleFormat} (the specification, field by field), {@link
 * io.sluice.registry.bundle.AdapterAbi} (what a graph in a bundle must look like). A bundle holds
 * data and graphs of allowed operators, never code. Everything here is immutable or stateless and
 * thread-safe; nothing here runs a graph.
 */
@NullMarked
package io.sluice.registry.bundle;

import org.jspecify.annotations.NullMarked;
