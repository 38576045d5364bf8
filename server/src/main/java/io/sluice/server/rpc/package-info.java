/**
 * The wire: gRPC services over the engine and the bundle store. Plain gRPC-Java service classes;
 * only {@code SluiceServer} knows what hosts them. {@link io.sluice.server.rpc.Statuses} is the one
 * place where failures become gRPC statuses.
 */
@NullMarked
package io.sluice.server.rpc;

import org.jspecify.annotations.NullMarked;
