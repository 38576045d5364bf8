package io.sluice.server.engine;

import java.util.List;
import java.util.Map;

/**
 * Lanes to be computed together, and how far they have come: from their ids, or from a boundary up
 * to which another batch has taken them. Handed from thread to thread as a whole; the states are
 * shared and not to be written to.
 *
 * @param lanes one or more
 * @param boundary the block behind which the states lie; 0 is the prologue
 * @param states of each lane, shape (tokens, hidden) float32; of none if they begin with their ids
 * @param startNanos when the batch began that they were taken with
 * @param batchRows the rows of that batch
 */
record Begun(
    List<Lane> lanes, int boundary, Map<Lane, float[]> states, long startNanos, int batchRows) {
  /** A batch of which nothing is computed. */
  static Begun fromIds(List<Row> rows, long startNanos) {
    return new Begun(Lane.of(rows), 0, Map.of(), startNanos, rows.size());
  }

  List<Row> rows() {
    return lanes.stream().flatMap(lane -> lane.rows().stream()).toList();
  }
}
