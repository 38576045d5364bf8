/**
 * Small bundles to test with, for this module and, as a test-jar, for others.
 *
 * <p>Starting points: {@link io.sluice.registry.testing.TestingBundles}, {@link
 * io.sluice.registry.testing.TestingAdapters}.
 */
@NullMarked
package io.sluice.registry.testing;

import org.jspecify.annotations.NullMarked;
