/**
 * Clients that put a server under load and measure it. Knows servers by their ports and the wire
 * API only, never the server's classes.
 *
 * <p>Starting points: {@link io.sluice.loadtest.ClosedLoop}, clients that each ask again as soon as
 * they are answered; packages {@code swap} (bundles exchanged under load), {@code floor} (a server
 * against plain ONNX Runtime) and {@code bundle} (tasks to be measured with). Times are nanoseconds
 * of {@link System#nanoTime}, so those of one process only can be compared.
 */
@NullMarked
package io.sluice.loadtest;

import org.jspecify.annotations.NullMarked;
