package io.sluice.server.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Leaves shares of the lanes of a batch to threads that have nothing to do: as many lanes to each
 * as the batch keeps, with the states they have come to. Confined to one engine thread.
 */
final class Handover {
  private final Begun batch;
  private final OwnLanes own;
  private final IdleThreads idle;
  private final BatchAnswers answers;

  /**
   * @param batch the whole
   * @param own loses what is handed over
   */
  Handover(Begun batch, OwnLanes own, IdleThreads idle, BatchAnswers answers) {
    this.batch = batch;
    this.own = own;
    this.idle = idle;
    this.answers = answers;
  }

  /**
   * What is left to the batch.
   *
   * @param lanes one or more
   * @param wide whether there are several threads for each part, if there were for the whole
   */
  record Kept(List<Lane> lanes, boolean wide) {}

  /** Whether anybody is there at the moment. */
  boolean isPossible() {
    return idle.free() > 0;
  }

  /**
   * Hands over what others have the time for.
   *
   * @param live lanes that are under way, somebody waiting for each
   * @param waiting lanes that begin further up and stay with the batch
   * @param states what enters the block behind {@code boundary}, laid out as {@code layout} says
   */
  Kept from(
      int boundary,
      List<Lane> live,
      List<Lane> waiting,
      Layout layout,
      FloatArena states,
      int seq) {
    answers.part(live, boundary);
    List<List<Lane>> shares = divided(live, 1 + idle.free());
    List<Lane> kept = shares.get(0);
    List<Begun> others = new ArrayList<>();
    for (List<Lane> share : shares.subList(1, shares.size())) {
      Map<Lane, float[]> theirs = states(share, layout, states, seq);
      others.add(new Begun(share, boundary, theirs, batch.startNanos(), batch.batchRows()));
    }
    if (others.isEmpty()) {
      return new Kept(kept, true);
    }
    List<Lane> left = Stream.concat(kept.stream(), waiting.stream()).toList();
    boolean wide = idle.give(others);
    own.keep(left);
    return new Kept(kept, wide);
  }

  /** A copy for each row of the layout, whichever of the lanes lie in it. */
  private static Map<Lane, float[]> states(
      List<Lane> share, Layout layout, FloatArena states, int seq) {
    Map<Integer, float[]> rows = new HashMap<>();
    Map<Lane, float[]> theirs = new HashMap<>();
    for (Lane lane : share) {
      int length = lane.tokens().length();
      theirs.put(
          lane, rows.computeIfAbsent(layout.position(lane), row -> states.row(row, seq, length)));
    }
    return theirs;
  }

  /** Parts of about as many lanes each; those that go on together for longer are in one. */
  private static List<List<Lane>> divided(List<Lane> lanes, int most) {
    List<Tokens> texts = lanes.stream().map(Lane::tokens).distinct().toList();
    List<Lane> sorted =
        lanes.stream()
            .sorted(
                Comparator.comparingInt((Lane lane) -> texts.indexOf(lane.tokens()))
                    .thenComparingInt(lane -> lane.task().firstPoint()))
            .toList();
    int count = Math.min(most, sorted.size());
    List<List<Lane>> parts = new ArrayList<>();
    for (int part = 1; part <= count; part++) {
      int start = (part - 1) * sorted.size() / count;
      parts.add(sorted.subList(start, part * sorted.size() / count));
    }
    return parts;
  }
}
