/**
 * Immutable ONNX graphs as plain records, and their file format.
 *
 * <p>Starting points: {@link io.sluice.backbone.graph.Graph}, {@link
 * io.sluice.backbone.graph.GraphBuilder}, {@link io.sluice.backbone.graph.OnnxFormat}. Knows
 * nothing of running graphs, of transformers or of tasks; protobuf types stay inside this package.
 * Everything but the builder is immutable and thread-safe.
 */
@NullMarked
package io.sluice.backbone.graph;

import org.jspecify.annotations.NullMarked;
