package io.sluice.backbone.importer;

import io.sluice.backbone.graph.Graph;

/**
 * How many ids an imported graph knows.
 *
 * @param words rows of the table that {@code input_ids} looks up
 * @param types rows of the table that {@code token_type_ids} looks up; {@link Long#MAX_VALUE} where
 *     there is none
 */
public record EmbeddingTables(long words, long types) {
  /** The tables of a graph with canonical input names. */
  public static EmbeddingTables of(Graph graph) {
    return new EmbeddingTables(
        HiddenFlow.rowsLookedUpBy(graph, InputRole.INPUT_IDS),
        HiddenFlow.rowsLookedUpBy(graph, InputRole.TOKEN_TYPE_IDS));
  }
}
