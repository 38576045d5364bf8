/**
 * A stand-in for a server, to test what clients do with its answers.
 *
 * <p>Starting point: {@link io.sluice.loadtest.testing.TestingServer}.
 */
@NullMarked
package io.sluice.loadtest.testing;

import org.jspecify.annotations.NullMarked;
