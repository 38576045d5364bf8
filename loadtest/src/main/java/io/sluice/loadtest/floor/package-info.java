/**
 * A server against the floor: what plain ONNX Runtime does with the same model on the same cores.
 *
 * <p>Starting points: {@link io.sluice.loadtest.floor.FloorBenchmark} measures speed, {@link
 * io.sluice.loadtest.floor.MemoryCheck} memory, {@link io.sluice.loadtest.floor.FloorReport} is
 * what comes out, {@link io.sluice.loadtest.floor.FloorMarkdown} and {@link
 * io.sluice.loadtest.floor.FloorJson} write it. All peers are measured in turns in one run, so that
 * what else the machine does hits all alike.
 */
@NullMarked
package io.sluice.loadtest.floor;

import org.jspecify.annotations.NullMarked;
