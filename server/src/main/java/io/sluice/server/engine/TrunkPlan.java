package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * At which boundary each lane of a batch begins, by the states of trunks that were kept, and where
 * states of others are to be kept. Confined to one engine thread.
 */
final class TrunkPlan {
  private final @Nullable TrunkCache cache;
  private final Map<Lane, TrunkCache.Kept> found = new HashMap<>();
  private final List<Lane> fromIds = new ArrayList<>();
  private final List<Lane> waiting = new ArrayList<>();
  private final Set<Integer> stops = new HashSet<>();

  /**
   * @param cache null for none: then all begin as they are given and nothing is kept
   * @param begun the lanes, those with states beginning at the boundary of these
   */
  TrunkPlan(@Nullable TrunkCache cache, Begun begun) {
    this.cache = cache;
    for (Lane lane : begun.lanes()) {
      TrunkCache.Kept state = state(lane, begun);
      if (state == null) {
        fromIds.add(lane);
      } else {
        found.put(lane, state);
        waiting.add(lane);
      }
    }
    plan(begun.lanes());
  }

  private TrunkCache.@Nullable Kept state(Lane lane, Begun begun) {
    float[] given = begun.states().get(lane);
    if (given != null) {
      return new TrunkCache.Kept(begun.boundary(), given);
    }
    int trunk = trunk(lane);
    TrunkCache.Kept kept = cache == null || trunk == 0 ? null : cache.find(lane.tokens(), trunk);
    if (kept != null) {
      lane.beginsAt(kept.boundary());
    }
    return kept;
  }

  /** Only {@code lanes} are left, and those that wait. */
  void plan(List<Lane> lanes) {
    stops.clear();
    Stream.concat(lanes.stream(), waiting.stream())
        .forEach(
            lane -> {
              TrunkCache.Kept state = found.get(lane);
              if (state != null) {
                stops.add(state.boundary());
              }
              if (cache != null && trunk(lane) > 0) {
                stops.add(trunk(lane));
              }
            });
  }

  /** The boundary at which the trunk of a lane's task ends: before the block of its first point. */
  private static int trunk(Lane lane) {
    return lane.task().firstPoint() - 1;
  }

  /** Lanes of which nothing was kept. */
  List<Lane> fromIds() {
    return fromIds;
  }

  /** Lanes whose boundary has not been reached. */
  List<Lane> waiting() {
    return waiting;
  }

  /** Whether there are such. */
  boolean someWait() {
    return !waiting.isEmpty();
  }

  /** The blocks behind which lanes join or states are to be kept. */
  Set<Integer> stops() {
    return stops;
  }

  /** Takes the lanes that begin at {@code boundary} out of those that wait. */
  List<Lane> joining(int boundary) {
    List<Lane> joining = new ArrayList<>();
    waiting.removeIf(
        lane -> {
          boolean joins = begin(lane) == boundary;
          if (joins) {
            joining.add(lane);
          }
          return joins;
        });
    return joining;
  }

  /** The boundary a lane begins at here; 0 for its ids. */
  private int begin(Lane lane) {
    TrunkCache.Kept state = found.get(lane);
    return state == null ? 0 : state.boundary();
  }

  /** The state a lane begins with, shape (tokens, hidden), not to be written to. */
  float[] state(Lane lane) {
    return requireNonNull(found.get(lane), "lane").hidden();
  }

  /**
   * Keeps the states of the lanes whose trunk ends at {@code boundary}.
   *
   * @param hidden what enters the block behind it, laid out as {@code layout} says
   */
  void keep(int boundary, Layout layout, FloatArena hidden, int seq) {
    if (cache == null || boundary == 0) {
      return;
    }
    for (Lane lane : layout.lanes()) {
      Tokens tokens = lane.tokens();
      if (trunk(lane) == boundary && begin(lane) != boundary && !cache.has(tokens, boundary)) {
        float[] state = hidden.row(layout.position(lane), seq, tokens.length());
        cache.put(tokens, new TrunkCache.Kept(boundary, state));
      }
    }
  }
}
