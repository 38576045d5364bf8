/**
 * How commands reach a running server and ask it.
 *
 * <p>Starting points: {@link io.sluice.cli.client.Connection}, {@link
 * io.sluice.cli.client.InferenceClient}; the client of the admin port is {@link
 * io.sluice.loadtest.client.AdminClient}. Blocking calls over gRPC; thread-safe. Failures are
 * {@link io.sluice.backbone.SluiceException}, with the status of the reply as their code.
 */
@NullMarked
package io.sluice.cli.client;

import org.jspecify.annotations.NullMarked;
