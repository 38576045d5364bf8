package io.sluice.server.engine;

import java.util.List;

/** What the rows of a batch are answered with. Confined to one engine thread. */
final class BatchAnswers {
  private final BlockEngine engine;
  private final long startNanos;
  private final int batchRows;

  /**
   * @param startNanos when the batch began
   * @param batchRows the rows it was taken with
   */
  BatchAnswers(BlockEngine engine, long startNanos, int batchRows) {
    this.engine = engine;
    this.startNanos = startNanos;
    this.batchRows = batchRows;
  }

  /** Answers the rows of a slice whose logits have been fetched. */
  void complete(Layout layout, Layout.Slice slice, HeadOutputs.Place place) {
    long nowNanos = engine.nanoTime();
    for (Lane lane : layout.lanes()) {
      if (lane.task() == slice.task()) {
        int row = layout.position(lane) - slice.start();
        float[] logits = engine.heads().row(place, row, lane.tokens().length());
        complete(lane, logits, layout.lanes(), nowNanos);
      }
    }
  }

  private void complete(Lane lane, float[] logits, List<Lane> lanes, long nowNanos) {
    int run = engine.points() - lane.begin();
    int shared = Math.max(0, sharedUpTo(lane, lanes) - lane.begin());
    for (Row row : lane.rows()) {
      if (row.isDead(nowNanos)) {
        row.drop(nowNanos);
      } else {
        row.complete(
            new RowResult(
                logits.clone(),
                startNanos - row.submittedNanos(),
                nowNanos - startNanos,
                lane.rows().size() == 1 ? lane.ownNanos() : 0,
                run,
                shared,
                batchRows));
      }
    }
  }

  /** Some of {@code lanes} leave the others at {@code boundary}. */
  void part(List<Lane> lanes, int boundary) {
    lanes.forEach(lane -> lane.sharedUpTo(Math.min(boundary, sharedUpTo(lane, lanes))));
  }

  /** The last block that ran on a row serving others as well: until one of them had forked. */
  private int sharedUpTo(Lane lane, List<Lane> lanes) {
    if (lane.rows().size() > 1) {
      return engine.points();
    }
    int shared = lane.sharedUpTo();
    for (Lane other : lanes) {
      if (other != lane && other.tokens().equals(lane.tokens())) {
        shared = Math.max(shared, Math.min(lane.task().firstPoint(), other.task().firstPoint()));
      }
    }
    return Math.min(shared, engine.points());
  }
}
