package io.sluice.server.engine;

import java.util.List;

/**
 * The lanes of a batch that its thread has to answer: all that were not handed over to others, who
 * may be done with theirs at any time, so that the rest is not to be touched. Confined to one
 * engine thread.
 */
final class OwnLanes {
  private List<Lane> lanes;

  OwnLanes(List<Lane> lanes) {
    this.lanes = lanes;
  }

  /** Only these are left. */
  void keep(List<Lane> left) {
    lanes = left;
  }

  List<Row> rows() {
    return lanes.stream().flatMap(lane -> lane.rows().stream()).toList();
  }
}
