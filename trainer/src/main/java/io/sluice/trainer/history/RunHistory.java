package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The course of a run. A function of what was trained, not of when or how fast: two runs of one
 * seed, interrupted or not, have equal histories.
 *
 * @param candidates what was chosen from, in order of insertion point
 * @param unit what cost and budget count: {@code parameters}, {@code points} ...
 * @param budget the limit
 * @param steps planned length of the run
 * @param spans the figures of all steps so far, in order, without gaps
 * @param gates P(open) of all candidates at regular steps
 * @param scores evaluations of the dev rows
 */
public record RunHistory(
    List<SearchedCandidate> candidates,
    String unit,
    double budget,
    int steps,
    List<StepSpan> spans,
    List<GateRow> gates,
    List<DevScore> scores) {
  public RunHistory {
    candidates = List.copyOf(candidates);
    requireNonNull(unit, "unit");
    spans = List.copyOf(spans);
    gates = List.copyOf(gates);
    scores = List.copyOf(scores);
  }

  /** The spans of one stage. */
  public List<StepSpan> spans(Phase phase) {
    return spans.stream().filter(span -> span.phase() == phase).toList();
  }

  /** The gates through one stage. */
  public List<GateRow> gates(Phase phase) {
    return gates.stream().filter(row -> row.phase() == phase).toList();
  }

  /** Whether there was a search: steps ahead of the freeze. */
  public boolean searched() {
    return spans.stream().anyMatch(span -> span.phase() != Phase.FINE_TUNE);
  }

  /**
   * The gates as they were when the structure was frozen; without a search, as they stand from the
   * first step on.
   */
  public GateRow atFreeze() {
    GateRow last = null;
    for (GateRow row : gates) {
      last = row.phase() == Phase.FINE_TUNE ? last : row;
    }
    if (last != null) {
      return last;
    }
    return new GateRow(Phase.OPEN, 0, gates.isEmpty() ? closed() : gates.get(0).open());
  }

  /** Numbers of the candidates that survived: open in the last row. Empty before the freeze. */
  public List<Integer> survivors() {
    if (gates.isEmpty() || gates.get(gates.size() - 1).phase() != Phase.FINE_TUNE) {
      return List.of();
    }
    List<Double> open = gates.get(gates.size() - 1).open();
    return IntStream.range(0, open.size()).filter(i -> open.get(i) > 0.5).boxed().toList();
  }

  /** Cost of all candidates together, in the budget's unit. */
  public double fullCost() {
    return candidates.stream().mapToDouble(SearchedCandidate::cost).sum();
  }

  private List<Double> closed() {
    return candidates.stream().map(candidate -> 0.0).toList();
  }
}
