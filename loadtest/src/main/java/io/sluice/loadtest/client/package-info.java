/**
 * What commands and benchmarks ask a server by alike, whatever the channel to it.
 *
 * <p>Starting point: {@link io.sluice.loadtest.client.AdminClient}. Blocking calls over gRPC;
 * thread-safe. Failures are {@link io.sluice.backbone.SluiceException}, with the status of the
 * reply as their code.
 */
@NullMarked
package io.sluice.loadtest.client;

import org.jspecify.annotations.NullMarked;
