/**
 * The server: one backbone, many tasks, swapped while requests run.
 *
 * <p>Starting point: {@link io.sluice.server.SluiceServer}. {@code engine} computes and knows no
 * wire message; {@code rpc} speaks gRPC and knows no tensor. Event loops never block: texts are
 * tokenised on their own threads, batches run on the engine threads.
 */
@NullMarked
package io.sluice.server;

import org.jspecify.annotations.NullMarked;
