package io.sluice.backbone.runtime;

import ai.onnxruntime.OrtSession;

/**
 * Operators that are not ONNX Runtime's, for sessions on one device: the domain {@link
 * io.sluice.backbone.graph.Node#SLUICE}. Each is what several stock operators compute one after
 * another, in one pass over memory; the first input gives the output its shape. Thread-safe.
 *
 * <ul>
 *   <li>{@code GeluGradient(g, u)}: g times the slope at u of the exact Gelu
 *   <li>{@code BiasGeluGradient(g, x, b)}: the same at u = x + b, b being of the last axis
 *   <li>{@code AddBias(x, r, b)}: x + r + b
 *   <li>{@code LayerNormGradient(g, x, weight, mean, inverse)}: the gradient of what was normalised
 *       over its last axis, from that of the result and the norm's own statistics
 *   <li>{@code SoftmaxGradient(g, y)}: the gradient of what became the shares y along the last axis
 * </ul>
 */
public interface DeviceOperators {
  /** Makes the domain known to sessions that are opened with these options. */
  void addTo(OrtSession.SessionOptions options);
}
