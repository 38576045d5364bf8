/**
 * What a process uses: memory, handles, processor time.
 *
 * <p>Starting points: {@link io.sluice.loadtest.vitals.ServerVitals} watches another JVM, {@link
 * io.sluice.loadtest.vitals.Trend} says how a series of samples grows.
 */
@NullMarked
package io.sluice.loadtest.vitals;

import org.jspecify.annotations.NullMarked;
