/**
 * The demonstration: the main job of Sluice, end to end, in one process.
 *
 * <p>Starting point: {@link io.sluice.cli.demo.Demo}. Its data lies beside it as resources, see
 * {@code DATA.md} there. It uses a server through its ports, as any client would.
 */
@NullMarked
package io.sluice.cli.demo;

import org.jspecify.annotations.NullMarked;
