/**
 * The store on disk: which tasks there are, their revisions, which one is active, and since when.
 *
 * <p>Starting points: {@link io.sluice.registry.store.BundleStore}, {@link
 * io.sluice.registry.store.TaskState}. Bundles lie as files named by their digest; the rest is one
 * SQLite database. Whatever was acknowledged survives the death of the process at any moment. One
 * process at a time; any number of threads. Runs no graph and knows no server.
 */
@NullMarked
package io.sluice.registry.store;

import org.jspecify.annotations.NullMarked;
