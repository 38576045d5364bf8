package io.sluice.server.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One batch on its way through the backbone. Confined to one engine thread. */
final class BatchRun {
  private final BlockEngine engine;

  /** Whether anybody but the server asks. */
  private final boolean asked;

  private final Handover handover;
  private final TrunkPlan trunks;
  private final PartRuns parts;
  private final BatchAnswers answers;
  private final UnderWay way;
  private final BlockRuns blocks;

  /**
   * @param weights outlives the batch
   * @param own at first all of {@code begun}
   * @param wide whether there are several threads for it
   */
  BatchRun(
      BlockEngine engine,
      WeightsInUse weights,
      Begun begun,
      OwnLanes own,
      boolean wide,
      IdleThreads idle) {
    this.engine = engine;
    this.parts = new PartRuns(engine, own, weights);
    this.asked = !own.rows().stream().allMatch(Row::isBackground);
    this.trunks = new TrunkPlan(asked ? engine.trunks() : engine.ownTrunks(), begun);
    this.answers = new BatchAnswers(engine, begun.startNanos(), begun.batchRows());
    this.handover = new Handover(begun, own, idle, answers);
    int seq = begun.lanes().stream().mapToInt(lane -> lane.tokens().length()).max().orElseThrow();
    engine.activations().reserve(begun.lanes().size(), seq);
    this.way = new UnderWay(engine, trunks, seq);
    int firstTokenPoint = firstTokenPoint(engine.firstTokenPoint(), begun.lanes());
    this.blocks = new BlockRuns(engine, way, weights, firstTokenPoint, asked, wide);
  }

  private int firstTokenPoint(int point, List<Lane> all) {
    boolean kept = trunks.stops().stream().anyMatch(stop -> stop >= point);
    boolean enough = all.stream().allMatch(lane -> lane.task().endsOnFirstToken(point));
    return enough && !kept ? point : Integer.MAX_VALUE;
  }

  void run() {
    way.begin();
    for (int point = 1; point <= engine.points(); point++) {
      if (!way.dropDead(point)) {
        return;
      }
      way.beginAt(point - 1);
      if (way.isEmpty()) {
        continue;
      }
      boolean shared = shareOut(point);
      boolean begins = point == 1 || shared || trunks.stops().contains(point - 1);
      if (begins && runToTheEnd(point)) {
        return;
      }
      point = blocks.run(point, stops(point));
      if (way.forks().contains(point)) {
        way.fork(point);
      }
      new AdapterStage(way.activations(), parts, way.layout(), point, way.tokens()).run();
      way.activations().advance();
    }
    way.beginAt(engine.points());
    if (!way.isEmpty()) {
      blocks.runEpilogue();
      answer();
    }
  }

  private void answer() {
    if (way.forks().contains(engine.points() + 1)) {
      way.forkForHeads();
    }
    new HeadStage(engine, parts, way.layout(), way.seq(), way.tokens())
        .run()
        .forEach((slice, place) -> answers.complete(way.layout(), slice, place));
  }

  /** Leaves shares of the lanes to threads that have nothing to do, where rows part. */
  private boolean shareOut(int point) {
    if (!partsAt(point) || !handover.isPossible()) {
      return false;
    }
    List<Lane> live = way.live();
    if (live.size() < 2) {
      return false;
    }
    way.dropAllBut(live);
    Handover.Kept kept =
        handover.from(
            point - 1, live, trunks.waiting(), way.layout(), way.activations().input(), way.seq());
    if (!kept.wide()) {
      blocks.narrow();
    }
    way.leave(kept.lanes(), point - 1);
    trunks.plan(kept.lanes());
    return true;
  }

  /** Whether lanes can be handed over before block {@code point}. */
  private boolean partsAt(int point) {
    return asked && way.isWhole() && way.forks().contains(point);
  }

  /** Blocks, adapters, epilogue and head in one run from {@code point} on; false if not. */
  private boolean runToTheEnd(int point) {
    List<Layout.Slice> slices = way.layout().slices();
    boolean alone =
        !trunks.someWait()
            && way.isWhole()
            && trunks.stops().stream().noneMatch(stop -> stop >= point)
            && slices.size() == 1
            && slices.get(0).rows() == way.layout().rows();
    if (!alone) {
      return false;
    }
    HeadOutputs.Place place = blocks.runToTheEnd(point);
    if (place == null) {
      return false;
    }
    answers.complete(way.layout(), slices.get(0), place);
    return true;
  }

  /** Where blocks may not be run as one: rows part there, begin, are kept, or can be shared out. */
  private Set<Integer> stops(int point) {
    Integer next = way.forks().higher(point);
    boolean parts = next != null && partsAt(next) && handover.isPossible();
    if (trunks.stops().isEmpty() && !parts) {
      return way.forks();
    }
    Set<Integer> all = new HashSet<>(way.forks());
    all.addAll(trunks.stops());
    if (parts) {
      all.add(next - 1);
    }
    return all;
  }
}
