/**
 * Load as the world makes it: requests come at random times and wait for nobody.
 *
 * <p>Starting points: {@link io.sluice.loadtest.load.OpenLoop} sends, {@link
 * io.sluice.loadtest.load.Window} counts, {@link io.sluice.loadtest.load.RateSweep} looks for the
 * capacity, {@link io.sluice.loadtest.load.Overload} asks for three times as much.
 */
@NullMarked
package io.sluice.loadtest.load;

import org.jspecify.annotations.NullMarked;
