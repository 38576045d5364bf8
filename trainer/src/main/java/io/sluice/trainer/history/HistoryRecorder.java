package io.sluice.trainer.history;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps the course of a run in bounded memory: figures of every step until there are too many, then
 * of neighbouring steps together; gates at some sixty regular steps, and at the last before the
 * freeze. Confined to the training thread.
 */
public final class HistoryRecorder {
  private static final int MOST_SPANS = 2048;
  private static final int GATE_ROWS = 60;

  private List<SearchedCandidate> candidates = List.of();
  private String unit = "";
  private double budget;
  private int steps;
  private int spanSteps = 1;
  private final List<StepSpan> spans = new ArrayList<>();
  private final List<GateRow> gates = new ArrayList<>();
  private final List<DevScore> scores = new ArrayList<>();

  /** Where the last row of gates was kept only for being the last of its phase so far. */
  private boolean provisional;

  /** Says what is chosen from and what it may cost. */
  public void over(List<SearchedCandidate> searched, String costUnit, double limit) {
    candidates = List.copyOf(searched);
    unit = requireNonNull(costUnit, "costUnit");
    budget = limit;
  }

  /** Goes on from what an interrupted run had kept. */
  public void resume(RunHistory history) {
    over(history.candidates(), history.unit(), history.budget());
    steps = history.steps();
    spans.clear();
    spans.addAll(history.spans());
    gates.clear();
    gates.addAll(history.gates());
    scores.clear();
    scores.addAll(history.scores());
    spanSteps = spans.stream().mapToInt(StepSpan::steps).max().orElse(1);
    provisional = !gates.isEmpty() && !regular(gates.get(gates.size() - 1).step());
  }

  /**
   * A step was done.
   *
   * @param planned planned length of the run in steps
   * @param open P(open) of each candidate
   */
  public void stepped(StepFigures figures, int planned, double[] open) {
    steps = planned;
    add(StepSpan.of(figures, sum(open)));
    keepGates(new GateRow(figures.phase(), figures.step(), Arrays.stream(open).boxed().toList()));
  }

  /** The dev rows were answered. */
  public void evaluated(DevScore score) {
    scores.add(requireNonNull(score, "score"));
  }

  /** All that is kept so far. */
  public RunHistory history() {
    return new RunHistory(candidates, unit, budget, steps, spans, gates, scores);
  }

  private void keepGates(GateRow row) {
    if (provisional && gates.get(gates.size() - 1).phase() == row.phase()) {
      gates.remove(gates.size() - 1);
    }
    gates.add(row);
    provisional = !regular(row.step());
  }

  private boolean regular(int step) {
    return step == 1
        || step >= steps
        || step * (long) GATE_ROWS / steps != (step - 1) * (long) GATE_ROWS / steps;
  }

  private void add(StepSpan step) {
    StepSpan last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
    if (last != null && last.phase() == step.phase() && last.steps() < spanSteps) {
      spans.set(spans.size() - 1, last.with(step));
      return;
    }
    spans.add(step);
    if (spans.size() > MOST_SPANS) {
      halve();
    }
  }

  private void halve() {
    spanSteps *= 2;
    List<StepSpan> all = List.copyOf(spans);
    spans.clear();
    for (StepSpan span : all) {
      StepSpan last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
      boolean joins =
          last != null && last.phase() == span.phase() && last.steps() + span.steps() <= spanSteps;
      if (joins && last != null) {
        spans.set(spans.size() - 1, last.with(span));
      } else {
        spans.add(span);
      }
    }
  }

  private StepSpan.Open sum(double[] open) {
    long gateCount = 0;
    long parameters = 0;
    long flops = 0;
    for (int i = 0; i < open.length; i++) {
      if (open[i] > 0.5) {
        gateCount++;
        parameters += candidates.get(i).parameters();
        flops += candidates.get(i).flopsPerToken();
      }
    }
    return new StepSpan.Open(gateCount, parameters, flops);
  }
}
