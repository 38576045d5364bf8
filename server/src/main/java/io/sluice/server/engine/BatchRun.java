package io.sluice.server.engine;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.function.Supplier;

/** One batch on its way through the backbone. Confined to one engine thread. */
final class BatchRun {
  private final BlockEngine engine;
  private final Activations activations;
  private final WeightsInUse weights;
  private final int seq;

  /** The block from which on only first tokens are computed; above all where others are wanted. */
  private final int firstTokenPoint;

  /** The tokens of each row whose states are in the buffers: all, or the first. */
  private int tokens;

  /** Whether anybody but the server asks: its own rows are no reason to make sessions. */
  private final boolean asked;

  /** Whether there are several threads for this. */
  private boolean wide;

  private final Begun begun;
  private final Handover handover;
  private final TrunkPlan trunks;
  private final PartRuns parts;
  private final BatchAnswers answers;

  /** The lanes that are under way. */
  private List<Lane> lanes;

  private NavigableSet<Integer> forks;
  private Layout layout;

  /**
   * @param weights outlives the batch
   * @param own at first all of {@code begun}
   */
  BatchRun(
      BlockEngine engine,
      WeightsInUse weights,
      Begun begun,
      OwnLanes own,
      boolean wide,
      IdleThreads idle) {
    this.engine = engine;
    this.activations = engine.activations();
    this.weights = weights;
    this.begun = begun;
    this.parts = new PartRuns(engine, own, weights);
    this.wide = wide;
    this.asked = !own.rows().stream().allMatch(Row::isBackground);
    this.seq = begun.lanes().stream().mapToInt(lane -> lane.tokens().length()).max().orElseThrow();
    this.tokens = seq;
    this.trunks = new TrunkPlan(asked ? engine.trunks() : engine.ownTrunks(), begun);
    this.firstTokenPoint = firstTokenPoint(engine.firstTokenPoint(), begun.lanes());
    this.answers = new BatchAnswers(engine, begun.startNanos(), begun.batchRows());
    this.handover = new Handover(begun, own, idle, answers);
    lanes = trunks.fromIds();
    forks = Layout.forks(lanes);
    layout = Layout.after(0, lanes);
  }

  private int firstTokenPoint(int point, List<Lane> all) {
    boolean kept = trunks.stops().stream().anyMatch(stop -> stop >= point);
    boolean enough = all.stream().allMatch(lane -> lane.task().endsOnFirstToken(point));
    return enough && !kept ? point : Integer.MAX_VALUE;
  }

  void run() {
    activations.reserve(begun.lanes().size(), seq);
    if (!lanes.isEmpty()) {
      engine.prologue().setRows(layout, seq);
      engine.prologue().run(activations.input(), layout.rows(), seq);
    }
    for (int point = 1; point <= engine.points(); point++) {
      if (!dropDead(point)) {
        return;
      }
      beginAt(point - 1);
      if (lanes.isEmpty()) {
        continue;
      }
      boolean shared = shareOut(point);
      boolean begins = point == 1 || shared || trunks.stops().contains(point - 1);
      if (begins && runToTheEnd(point)) {
        return;
      }
      point = runBlocks(point);
      if (forks.contains(point)) {
        fork(point);
      }
      new AdapterStage(activations, parts, layout, point, tokens).run();
      activations.advance();
    }
    beginAt(engine.points());
    if (lanes.isEmpty()) {
      return;
    }
    runEpilogue();
    if (forks.contains(engine.points() + 1)) {
      forkForHeads();
    }
    new HeadStage(engine, parts, layout, seq, tokens)
        .run()
        .forEach((slice, place) -> answers.complete(layout, slice, place));
  }

  /**
   * Lets the lanes in that begin at {@code boundary}, with the states that were kept, and keeps
   * those of others that will begin there.
   */
  private void beginAt(int boundary) {
    List<Lane> reached = trunks.joining(boundary);
    List<Lane> joining = live(reached);
    dropAllBut(joining, reached);
    if (!joining.isEmpty()) {
      Set<Lane> fresh = new HashSet<>(joining);
      List<Lane> together = new ArrayList<>(lanes);
      together.addAll(joining);
      Layout next = Layout.after(boundary, together);
      for (int row = 0; row < next.rows(); row++) {
        Lane lane = next.first(row);
        if (fresh.contains(lane)) {
          activations.spare().setRow(row, seq, trunks.state(lane));
        } else {
          activations.spare().setRow(row, seq, activations.input(), layout.position(lane));
        }
      }
      activations.spareBecomesInput();
      lanes = together;
      forks = Layout.forks(together);
      layout = next;
      renewContext();
    }
    trunks.keep(boundary, layout, activations.input(), seq);
  }

  /** Leaves shares of the lanes to threads that have nothing to do, where rows part. */
  private boolean shareOut(int point) {
    if (!partsAt(point) || !handover.isPossible()) {
      return false;
    }
    List<Lane> live = live(lanes);
    if (live.size() < 2) {
      return false;
    }
    dropAllBut(live, lanes);
    Handover.Kept kept =
        handover.from(point - 1, live, trunks.waiting(), layout, activations.input(), seq);
    wide &= kept.wide();
    leave(kept.lanes(), point - 1);
    trunks.plan(kept.lanes());
    return true;
  }

  /** Whether lanes can be handed over before block {@code point}. */
  private boolean partsAt(int point) {
    return asked && tokens == seq && forks.contains(point);
  }

  /** Blocks, adapters, epilogue and head in one run from {@code point} on; false if not. */
  private boolean runToTheEnd(int point) {
    return !trunks.someWait()
        && tokens == seq
        && trunks.stops().stream().noneMatch(stop -> stop >= point)
        && layout.slices().size() == 1
        && layout.slices().get(0).rows() == layout.rows()
        && runEnd(layout.slices().get(0), point);
  }

  private boolean runEnd(Layout.Slice slice, int point) {
    LoadedTask task = slice.task();
    Leg leg = task.leg().end(point);
    HeadOutputs heads = engine.heads();
    heads.reserve(List.of(slice), seq);
    HeadOutputs.Place place = heads.place(task, slice.rows(), seq);
    Map<String, Tensor> outputs = heads.outputs(task, place);
    long sinceNanos = engine.nanoTime();
    try (Tensor mask = engine.prologue().mask(0, layout.rows(), seq)) {
      Supplier<Map<String, Tensor>> inputs =
          () -> {
            Map<String, Tensor> all = task.legInputs(leg, weights);
            addHiddenAndContext(all);
            all.put(AdapterAbi.ATTENTION_MASK, mask);
            return all;
          };
      if (!runExpress(leg, inputs, outputs)) {
        return false;
      }
    }
    heads.fetch();
    charge(sinceNanos);
    answers.complete(layout, slice, place);
    return true;
  }

  /**
   * Runs block {@code point}, and the ones behind it that can be run with it.
   *
   * @return the last that was run
   */
  private int runBlocks(int point) {
    int end = new Stops(lanes, stops(point), engine.points()).end(point);
    if (end > point && runSpan(point, end)) {
      return end;
    }
    if (point == firstTokenPoint) {
      runFirstTokenBlock();
    } else {
      runBlock(point);
    }
    return point;
  }

  private Set<Integer> stops(int point) {
    Integer next = forks.higher(point);
    boolean parts = next != null && partsAt(next) && handover.isPossible();
    if (trunks.stops().isEmpty() && !parts) {
      return forks;
    }
    Set<Integer> all = new HashSet<>(forks);
    all.addAll(trunks.stops());
    if (parts) {
      all.add(next - 1);
    }
    return all;
  }

  /** Several blocks in one run; false if not. */
  private boolean runSpan(int from, int to) {
    Leg leg = engine.span(from, to, firstTokenPoint);
    int left = leg.givesFirstToken() ? 1 : tokens;
    Tensor output = activations.output().view(0, layout.rows(), left);
    long sinceNanos = engine.nanoTime();
    boolean done = runExpress(leg, this::hiddenAndContext, Map.of(Leg.OUTPUT, output));
    if (done) {
      tokens = left;
      charge(sinceNanos);
    }
    return done;
  }

  /** With as many threads as suit the batch, if there are sessions for the leg; false if not. */
  private boolean runExpress(
      Leg leg, Supplier<Map<String, Tensor>> inputs, Map<String, Tensor> outputs) {
    ExpressSessions express = engine.express();
    boolean several = wide && !express.isSmall(layout.rows() * seq);
    return express.run(leg, several, asked, inputs, outputs);
  }

  private Map<String, Tensor> hiddenAndContext() {
    Map<String, Tensor> inputs = new HashMap<>();
    addHiddenAndContext(inputs);
    return inputs;
  }

  private void addHiddenAndContext(Map<String, Tensor> inputs) {
    inputs.putAll(engine.prologue().context());
    inputs.put(Backbone.BLOCK_INPUT, activations.input().view(0, layout.rows(), tokens));
  }

  private void runBlock(int point) {
    Tensor output = activations.output().view(0, layout.rows(), tokens);
    long sinceNanos = engine.nanoTime();
    engine.block(point).run(blockInputs(point), Map.of(Backbone.BLOCK_OUTPUT, output));
    charge(sinceNanos);
  }

  /** From here on the buffers hold first tokens only, that of the block's input as well. */
  private void runFirstTokenBlock() {
    Tensor output = activations.output().view(0, layout.rows(), 1);
    Tensor input = activations.spare().view(0, layout.rows(), 1);
    long sinceNanos = engine.nanoTime();
    engine
        .firstTokenBlock()
        .run(
            blockInputs(firstTokenPoint),
            Map.of(Backbone.BLOCK_OUTPUT, output, BackboneSessions.FIRST_OF_INPUT, input));
    activations.spareBecomesInput();
    tokens = 1;
    charge(sinceNanos);
  }

  private Map<String, Tensor> blockInputs(int point) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (String name : engine.contextOf(point)) {
      inputs.put(name, engine.prologue().context().get(name));
    }
    inputs.put(Backbone.BLOCK_INPUT, activations.input().view(0, layout.rows(), tokens));
    return inputs;
  }

  private void runEpilogue() {
    OnnxSession epilogue = engine.epilogue();
    if (epilogue != null) {
      Tensor input = activations.input().view(0, layout.rows(), tokens);
      Tensor output = activations.output().view(0, layout.rows(), tokens);
      epilogue.run(Map.of(Backbone.BLOCK_INPUT, input), Map.of(Backbone.EPILOGUE_OUTPUT, output));
      activations.advance();
    }
  }

  /** Charges what has just run on all rows to the lanes that have them alone. */
  private void charge(long sinceNanos) {
    layout.charge(0, layout.rows(), engine.nanoTime() - sinceNanos);
  }

  /**
   * Leaves out rows nobody waits for once they are half of the batch: before that, moving the
   * others costs more than it saves.
   *
   * @return false when nobody is left, nor will begin further up
   */
  private boolean dropDead(int point) {
    List<Lane> live = live(lanes);
    if (live.isEmpty()) {
      dropAllBut(live, lanes);
      lanes = List.of();
      layout = Layout.after(point - 1, lanes);
      return trunks.someWait();
    }
    if (live.size() == lanes.size()) {
      return true;
    }
    if (2 * Layout.after(point - 1, live).rows() > layout.rows()) {
      return true;
    }
    dropAllBut(live, lanes);
    leave(live, point - 1);
    return true;
  }

  /** Those of {@code some} whose rows somebody waits for. */
  private List<Lane> live(List<Lane> some) {
    long nowNanos = engine.nanoTime();
    return some.stream().filter(lane -> !lane.isDead(nowNanos)).toList();
  }

  /**
   * Drops the rows of the other lanes.
   *
   * @param live some of {@code all}, the others dead
   */
  private void dropAllBut(List<Lane> live, List<Lane> all) {
    Set<Lane> kept = new HashSet<>(live);
    long nowNanos = engine.nanoTime();
    for (Lane lane : all) {
      if (!kept.contains(lane)) {
        lane.rows().forEach(row -> row.drop(nowNanos));
      }
    }
  }

  /** Leaves only {@code some} of the lanes, behind {@code boundary}. */
  private void leave(List<Lane> some, int boundary) {
    Layout next = Layout.after(boundary, some);
    int[] sources = next.sourcesIn(layout);
    lanes = some;
    forks = Layout.forks(some);
    activations.spare().gather(activations.input(), sources, tokens);
    activations.spareBecomesInput();
    layout = next;
    renewContext();
  }

  /** Gives the tasks that adapt at {@code point} for the first time rows of their own. */
  private void fork(int point) {
    Layout next = Layout.after(point, lanes);
    int[] sources = next.sourcesIn(layout);
    activations.spare().gather(activations.input(), sources, tokens);
    activations.spareBecomesInput();
    activations.spare().gather(activations.output(), sources, tokens);
    activations.spareBecomesOutput();
    layout = next;
    renewContext();
  }

  private void forkForHeads() {
    Layout next = Layout.after(engine.points() + 1, lanes);
    activations.spare().gather(activations.input(), next.sourcesIn(layout), tokens);
    activations.spareBecomesInput();
    layout = next;
    engine.prologue().setRows(layout, seq);
  }

  /**
   * The context follows the rows. Running the prologue once more costs less than a block and suits
   * every kind of context; the boundary it gives as well is left in the spare buffer.
   */
  private void renewContext() {
    engine.prologue().setRows(layout, seq);
    if (engine.prologue().hasContext() && tokens == seq) {
      engine.prologue().run(activations.spare(), layout.rows(), seq);
    }
  }
}
