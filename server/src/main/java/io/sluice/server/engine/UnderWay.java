package io.sluice.server.engine;

import io.sluice.backbone.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;

/**
 * The lanes of a batch that are under way, the rows they lie in, and the states these have come to,
 * which are the input of what runs next. Confined to one engine thread.
 */
final class UnderWay {
  private final BlockEngine engine;
  private final Activations activations;
  private final TrunkPlan trunks;
  private final int seq;

  /** The tokens of each row whose states are in the buffers: all, or the first. */
  private int tokens;

  private List<Lane> lanes;
  private NavigableSet<Integer> forks;
  private Layout layout;

  /**
   * None of those that begin further up, the others with their ids.
   *
   * @param seq tokens of each row, with padding
   */
  UnderWay(BlockEngine engine, TrunkPlan trunks, int seq) {
    this.engine = engine;
    this.activations = engine.activations();
    this.trunks = trunks;
    this.seq = seq;
    this.tokens = seq;
    this.lanes = trunks.fromIds();
    this.forks = Layout.forks(lanes);
    this.layout = Layout.after(0, lanes);
  }

  /** Makes states of ids. */
  void begin() {
    if (!lanes.isEmpty()) {
      engine.prologue().setRows(layout, seq);
      engine.prologue().run(activations.input(), layout.rows(), seq);
    }
  }

  boolean isEmpty() {
    return lanes.isEmpty();
  }

  List<Lane> lanes() {
    return lanes;
  }

  Layout layout() {
    return layout;
  }

  /** The points behind which rows part. */
  NavigableSet<Integer> forks() {
    return forks;
  }

  Activations activations() {
    return activations;
  }

  int seq() {
    return seq;
  }

  int tokens() {
    return tokens;
  }

  /** Whether the states of all tokens are there, and not of the first only. */
  boolean isWhole() {
    return tokens == seq;
  }

  /** From here on the buffers hold the states of the first {@code count} tokens. */
  void leaveTokens(int count) {
    tokens = count;
  }

  /** What enters the next block. */
  Tensor input() {
    return activations.input().view(0, layout.rows(), tokens);
  }

  /** Where the next block writes the states of the first {@code count} tokens. */
  Tensor output(int count) {
    return activations.output().view(0, layout.rows(), count);
  }

  /**
   * Lets the lanes in that begin at {@code boundary}, with the states that were kept, and keeps
   * those of others that will begin there.
   */
  void beginAt(int boundary) {
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

  /**
   * Leaves out rows nobody waits for once they are half of the batch: before that, moving the
   * others costs more than it saves.
   *
   * @return false when nobody is left, nor will begin further up
   */
  boolean dropDead(int point) {
    List<Lane> live = live(lanes);
    if (live.isEmpty()) {
      dropAllBut(live, lanes);
      lanes = List.of();
      layout = Layout.after(point - 1, lanes);
      return trunks.someWait();
    }
    boolean worthIt =
        live.size() < lanes.size() && 2 * Layout.after(point - 1, live).rows() <= layout.rows();
    if (worthIt) {
      dropAllBut(live, lanes);
      leave(live, point - 1);
    }
    return true;
  }

  /** Those whose rows somebody waits for. */
  List<Lane> live() {
    return live(lanes);
  }

  /** Drops the rows of all but {@code live}, which stay where they lie. */
  void dropAllBut(List<Lane> live) {
    dropAllBut(live, lanes);
  }

  /** Leaves only {@code some} of the lanes, behind {@code boundary}. */
  void leave(List<Lane> some, int boundary) {
    Layout next = Layout.after(boundary, some);
    int[] sources = next.sourcesIn(layout);
    lanes = some;
    forks = Layout.forks(some);
    gatherInput(sources);
    layout = next;
    renewContext();
  }

  /**
   * Gives the tasks that adapt at {@code point} for the first time rows of their own, of the
   * block's input and of its output.
   */
  void fork(int point) {
    Layout next = Layout.after(point, lanes);
    int[] sources = next.sourcesIn(layout);
    gatherInput(sources);
    activations.spare().gather(activations.output(), sources, tokens);
    activations.spareBecomesOutput();
    layout = next;
    renewContext();
  }

  /** Gives the tasks that have not parted yet rows of their own, behind the last block. */
  void forkForHeads() {
    Layout next = Layout.after(engine.points() + 1, lanes);
    gatherInput(next.sourcesIn(layout));
    layout = next;
    engine.prologue().setRows(layout, seq);
  }

  /** Charges what has run on all rows since then to the lanes that have them alone. */
  void charge(long sinceNanos) {
    layout.charge(0, layout.rows(), engine.nanoTime() - sinceNanos);
  }

  private void gatherInput(int[] sources) {
    activations.spare().gather(activations.input(), sources, tokens);
    activations.spareBecomesInput();
  }

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

  /**
   * The context follows the rows. Running the prologue once more costs less than a block and suits
   * every kind of context; the boundary it gives as well is left in the spare buffer.
   */
  private void renewContext() {
    engine.prologue().setRows(layout, seq);
    if (engine.prologue().hasContext() && isWhole()) {
      engine.prologue().run(activations.spare(), layout.rows(), seq);
    }
  }
}
