/**
 * The same graph in forms that this version of ONNX Runtime computes faster.
 *
 * <p>Starting point: {@link io.sluice.backbone.form.ServingForm}. Graphs in, graphs out, values the
 * same but for rounding; knows nothing of sessions, adapters or tasks. Stateless.
 */
@NullMarked
package io.sluice.backbone.form;

import org.jspecify.annotations.NullMarked;
