package io.sluice.server.engine;

import io.sluice.registry.bundle.AdapterAbi;
import java.util.List;
import java.util.Set;

/**
 * The points at which something happens to rows of a batch, so that the blocks between them can be
 * run at once. Immutable.
 */
record Stops(List<Lane> lanes, Set<Integer> stops, int points) {
  /**
   * The last of the blocks from {@code point} on that can be run at once: the first behind which
   * rows fork or are adapted. Where an adapter there wants what entered the block, that block is
   * left to a run of its own.
   */
  int end(int point) {
    for (int end = point; end < points; end++) {
      if (happens(end)) {
        return before(point, end);
      }
    }
    return before(point, points);
  }

  private int before(int point, int end) {
    return end > point && wantsInput(end) ? end - 1 : end;
  }

  private boolean happens(int point) {
    if (stops.contains(point)) {
      return true;
    }
    for (Lane lane : lanes) {
      if (lane.task().adapter(point) != null) {
        return true;
      }
    }
    return false;
  }

  private boolean wantsInput(int point) {
    for (Lane lane : lanes) {
      Subgraph adapter = lane.task().adapter(point);
      if (adapter != null && adapter.takes(AdapterAbi.BLOCK_INPUT)) {
        return true;
      }
    }
    return false;
  }
}
