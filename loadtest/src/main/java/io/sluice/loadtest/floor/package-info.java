/**
 * A server against the floor: what plain ONNX Runtime does with the same model on the same cores.
 *
 * <p>Starting points: {@link io.sluice.loadtest.floor.FloorBenchmark} measures speed, {@link
 * io.sluice.loadtest.floor.MemoryCheck} memory, {@link io.sluice.loadtest.floor.FloorReport} is
 * what comes out, {@link io.sluice.loadtest.floor.FloorBench} tells it to people; {@link
 * io.sluice.loadtest.floor.MergedSessions} holds a plain session for each of many tasks. All peers
 * are measured in turns in one run, so that what else the machine does hits all alike.
 */
@NullMarked
package io.sluice.loadtest.floor;

import org.jspecify.annotations.NullMarked;
