package io.sluice.backbone.importer;

import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.graph.Graph;
import java.util.List;

/**
 * A graph that falls into prologue, blocks and epilogue: a block reads nothing but the boundary
 * below it, context tensors and weights.
 *
 * @param whole with the one output {@code last_hidden_state}
 * @param boundaries tensors of {@code whole}, from the embedding output on
 * @param context tensors of {@code whole} that the prologue hands to the blocks
 */
record CutGraph(Graph whole, List<String> boundaries, List<ContextTensor> context) {
  CutGraph {
    boundaries = List.copyOf(boundaries);
    context = List.copyOf(context);
  }
}
