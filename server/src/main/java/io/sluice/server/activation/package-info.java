/**
 * How a stored bundle comes to answer requests: verified, built, probed where it will serve,
 * recorded, swapped in. Starting point: {@link io.sluice.server.activation.TaskActivator}.
 */
@NullMarked
package io.sluice.server.activation;

import org.jspecify.annotations.NullMarked;
