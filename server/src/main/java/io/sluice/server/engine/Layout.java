package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where each lane of a batch lies in the activation buffers, from one point of the backbone on.
 * Immutable.
 *
 * <p>A lane has a row of its own if nobody else asks for its text or if its task has <b>forked</b>:
 * an adapter of the task lies at or below the point. Lanes that have not forked and have the same
 * text lie together in one row of the trunk. Rows of one task are contiguous; trunk rows come last.
 */
final class Layout {
  /** The contiguous rows of one task: {@code start} up to {@code start + rows}. */
  record Slice(LoadedTask task, int start, int rows) {
    int end() {
      return start + rows;
    }
  }

  /** Neighbouring slices, without a row between them, of tasks with one structure somewhere. */
  record Company(List<Slice> slices, List<Subgraph> parts) {
    int start() {
      return slices.get(0).start();
    }

    int rows() {
      return slices.get(slices.size() - 1).end() - start();
    }

    Subgraph first() {
      return parts.get(0);
    }
  }

  private final List<Lane> lanes;
  private final Map<Lane, Integer> positions;
  private final Lane[] firstLaneOfRow;
  private final int[] lanesOfRow;
  private final List<Slice> slices;

  private Layout(
      List<Lane> lanes, Map<Lane, Integer> positions, Lane[] firstLaneOfRow, List<Slice> slices) {
    this.lanes = lanes;
    this.positions = positions;
    this.firstLaneOfRow = firstLaneOfRow;
    this.lanesOfRow = new int[firstLaneOfRow.length];
    positions.values().forEach(row -> lanesOfRow[row]++);
    this.slices = slices;
  }

  /** The layout of the rows that leave {@code point}, its adapters done; 0 is the prologue. */
  static Layout after(int point, List<Lane> lanes) {
    Map<Tokens, LoadedTask> users = new HashMap<>();
    Set<Tokens> contested = new HashSet<>();
    Map<LoadedTask, List<Lane>> byTask = new LinkedHashMap<>();
    for (Lane lane : lanes) {
      byTask.computeIfAbsent(lane.task(), task -> new ArrayList<>()).add(lane);
      LoadedTask user = users.putIfAbsent(lane.tokens(), lane.task());
      if (user != null && user != lane.task()) {
        contested.add(lane.tokens());
      }
    }
    Map<Lane, Integer> positions = new HashMap<>();
    List<Lane> rows = new ArrayList<>();
    List<Slice> slices = new ArrayList<>();
    List<Lane> trunk = new ArrayList<>();
    // Tasks that are alike everywhere lie side by side: what is the same of them is one run.
    Map<Leg, List<LoadedTask>> alike = new LinkedHashMap<>();
    byTask
        .keySet()
        .forEach(task -> alike.computeIfAbsent(task.leg(), leg -> new ArrayList<>()).add(task));
    alike.values().stream()
        .flatMap(List::stream)
        .forEach(
            task -> {
              List<Lane> own = requireNonNull(byTask.get(task));
              boolean forked = task.firstPoint() <= point;
              int start = rows.size();
              for (Lane lane : own) {
                if (forked || !contested.contains(lane.tokens())) {
                  positions.put(lane, rows.size());
                  rows.add(lane);
                } else {
                  trunk.add(lane);
                }
              }
              if (rows.size() - start == own.size()) {
                slices.add(new Slice(task, start, own.size()));
              }
            });
    Map<Tokens, Integer> trunkRows = new HashMap<>();
    for (Lane lane : trunk) {
      Integer row = trunkRows.get(lane.tokens());
      if (row == null) {
        row = rows.size();
        trunkRows.put(lane.tokens(), row);
        rows.add(lane);
      }
      positions.put(lane, row);
    }
    return new Layout(
        List.copyOf(lanes), positions, rows.toArray(new Lane[0]), List.copyOf(slices));
  }

  /** The points at which rows part, ascending: there the layout has to be made anew. */
  static NavigableSet<Integer> forks(List<Lane> lanes) {
    Map<Tokens, LoadedTask> users = new HashMap<>();
    NavigableSet<Integer> forks = new TreeSet<>();
    for (Lane lane : lanes) {
      LoadedTask user = users.putIfAbsent(lane.tokens(), lane.task());
      if (user != null && user != lane.task()) {
        forks.add(user.firstPoint());
        forks.add(lane.task().firstPoint());
      }
    }
    return forks;
  }

  /**
   * The slices together that may be one run, in row order.
   *
   * @param part what is to be run of a task; null for nothing
   */
  static List<Company> companies(
      List<Slice> slices, Function<LoadedTask, @Nullable Subgraph> part) {
    List<Company> companies = new ArrayList<>();
    Company last = null;
    for (Slice slice : slices) {
      Subgraph own = part.apply(slice.task());
      if (own == null) {
        last = null;
        continue;
      }
      if (last == null
          || last.start() + last.rows() != slice.start()
          || last.first().structure() != own.structure()
          // A twin is there to be computed apart from the task it is compared with.
          || last.parts.contains(own)) {
        last = new Company(new ArrayList<>(), new ArrayList<>());
        companies.add(last);
      }
      last.slices.add(slice);
      last.parts.add(own);
    }
    return companies;
  }

  int rows() {
    return firstLaneOfRow.length;
  }

  List<Lane> lanes() {
    return lanes;
  }

  /** The lane that has {@code row} to itself; null where several lie in it. */
  @Nullable Lane owner(int row) {
    return lanesOfRow[row] == 1 ? firstLaneOfRow[row] : null;
  }

  /** Charges what was spent on some rows, each alike, to the lanes that have them alone. */
  void charge(int start, int count, long nanos) {
    for (int row = start; row < start + count; row++) {
      Lane owner = owner(row);
      if (owner != null) {
        owner.spent(nanos / count);
      }
    }
  }

  /** One of the lanes that lie in {@code row}. */
  Lane first(int row) {
    return firstLaneOfRow[row];
  }

  /** Slices of the tasks whose lanes all have rows of their own, in row order. */
  List<Slice> slices() {
    return slices;
  }

  Tokens tokens(int row) {
    return firstLaneOfRow[row].tokens();
  }

  int position(Lane lane) {
    return requireNonNull(positions.get(lane), "lane");
  }

  /** For each row of this layout the row of {@code previous} that holds its values. */
  int[] sourcesIn(Layout previous) {
    int[] sources = new int[rows()];
    for (int row = 0; row < sources.length; row++) {
      sources[row] = previous.position(firstLaneOfRow[row]);
    }
    return sources;
  }
}
