/**
 * The life of the process: when ONNX Runtime starts, what a signal stops, how the process ends.
 *
 * <p>Starting point: {@link io.sluice.cli.process.ProcessLife}. Knows no command. Thread-safe:
 * signals arrive on threads of their own.
 */
@NullMarked
package io.sluice.cli.process;

import org.jspecify.annotations.NullMarked;
