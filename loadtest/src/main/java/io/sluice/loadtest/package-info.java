/**
 * Clients only: what a server is measured with, and the plain sessions it is measured against in
 * the same run. Knows the wire and the runtime, never the server.
 *
 * <p>Starting points: {@link io.sluice.loadtest.FloorBenchmark} (time of one request, throughput,
 * against one plain session), {@link io.sluice.loadtest.MemoryBenchmark} (memory of tasks), {@link
 * io.sluice.loadtest.SwapUnderLoad} (requests while something happens).
 */
@NullMarked
package io.sluice.loadtest;

import org.jspecify.annotations.NullMarked;
