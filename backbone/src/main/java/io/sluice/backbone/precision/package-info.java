/**
 * Other number formats for the frozen weights of a backbone: the same encoder, cheaper to run.
 *
 * <p>Starting point: {@link io.sluice.backbone.precision.Int8Linears}. Graphs in, graphs out; knows
 * nothing of sessions, adapters or tasks. Stateless.
 */
@NullMarked
package io.sluice.backbone.precision;

import org.jspecify.annotations.NullMarked;
