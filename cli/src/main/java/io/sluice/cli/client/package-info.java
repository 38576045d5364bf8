/**
 * Clients of a running server: one for its inference port, one for its admin port.
 *
 * <p>Starting points: {@link io.sluice.cli.client.InferenceClient}, {@link
 * io.sluice.cli.client.AdminClient}. Blocking calls over gRPC; thread-safe. Failures are {@link
 * io.sluice.backbone.SluiceException}, with the status of the reply as their code.
 */
@NullMarked
package io.sluice.cli.client;

import org.jspecify.annotations.NullMarked;
