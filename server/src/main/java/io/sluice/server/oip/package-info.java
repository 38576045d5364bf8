/**
 * The Open Inference Protocol, version 2, as a translation: a model is a task, a tensor of BYTES is
 * a row of texts each, and what is asked goes to {@code sluice.v1}'s own services, so that limits,
 * deadlines and refusals are theirs. {@link io.sluice.server.oip.OpenInferenceRpc} is what clients
 * ask, {@link io.sluice.server.oip.RepositoryRpc} administers as well. Knows no host.
 */
@NullMarked
package io.sluice.server.oip;

import org.jspecify.annotations.NullMarked;
