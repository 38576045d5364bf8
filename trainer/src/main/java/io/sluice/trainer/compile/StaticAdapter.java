package io.sluice.trainer.compile;

import static java.util.Objects.requireNonNull;

import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.Joint;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.ParameterSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * All survivors of one form at one insertion point as one adapter, without what has no effect:
 * inner units whose way out is zero, and the whole of it if nothing is left.
 *
 * @param point insertion point
 * @param kind what it computes
 * @param weights values of its weights by name, gates folded
 */
record StaticAdapter(int point, AdapterKind kind, Map<String, float[]> weights) {

  /** The adapters of a task, by ascending point. */
  static List<StaticAdapter> of(TrainedTask task) {
    int hidden = task.backbone().hiddenSize();
    Map<Integer, Map<AdapterForm, List<StaticAdapter>>> points = new TreeMap<>();
    for (int owner = 0; owner < task.structure().size(); owner++) {
      Candidate candidate = task.structure().get(owner);
      points
          .computeIfAbsent(candidate.point(), point -> new EnumMap<>(AdapterForm.class))
          .computeIfAbsent(candidate.kind().form(), form -> new ArrayList<>())
          .add(alone(candidate, owner, task));
    }
    List<StaticAdapter> adapters = new ArrayList<>();
    points
        .values()
        .forEach(
            forms ->
                forms.values().stream()
                    .map(same -> join(same, hidden).withoutDeadUnits(hidden))
                    .filter(adapter -> adapter.hasEffect(hidden))
                    .forEach(adapters::add));
    return adapters;
  }

  private static StaticAdapter alone(Candidate candidate, int owner, TrainedTask task) {
    ParameterLayout layout = task.layout();
    return new StaticAdapter(
        candidate.point(), candidate.kind(), layout.weights(owner, task.values()));
  }

  private static StaticAdapter join(List<StaticAdapter> same, int hidden) {
    StaticAdapter first = same.get(0);
    if (same.size() == 1) {
      return first;
    }
    Map<String, float[]> joined = new TreeMap<>();
    List<ParameterSpec> specs = first.kind.parameters(hidden);
    for (int i = 0; i < specs.size(); i++) {
      int at = i;
      ParameterSpec spec = specs.get(i);
      joined.put(
          spec.name(),
          spec.joint()
              .join(
                  same.stream().map(one -> one.kind.parameters(hidden).get(at)).toList(),
                  same.stream().map(one -> one.values(spec)).toList()));
    }
    int rank = same.stream().mapToInt(one -> one.kind.rank()).sum();
    return new StaticAdapter(first.point, first.kind.form().ofRank(rank), joined);
  }

  private StaticAdapter withoutDeadUnits(int hidden) {
    List<Integer> alive =
        IntStream.range(0, kind.rank()).filter(unit -> isAlive(unit, hidden)).boxed().toList();
    if (alive.size() == kind.rank()) {
      return this;
    }
    // An adapter that only shifts keeps one unit: its kind has no form without any.
    List<Integer> kept = alive.isEmpty() ? List.of(0) : alive;
    Map<String, float[]> selected = new TreeMap<>();
    for (ParameterSpec spec : kind.parameters(hidden)) {
      selected.put(spec.name(), spec.joint().select(spec, values(spec), kept));
    }
    return new StaticAdapter(point, kind.form().ofRank(kept.size()), selected);
  }

  private boolean isAlive(int unit, int hidden) {
    return kind.parameters(hidden).stream()
        .filter(spec -> spec.gated() && spec.joint() != Joint.SUM)
        .anyMatch(spec -> hasEffect(spec.joint().select(spec, values(spec), List.of(unit))));
  }

  private boolean hasEffect(int hidden) {
    return kind.parameters(hidden).stream()
        .anyMatch(spec -> spec.gated() && hasEffect(values(spec)));
  }

  private static boolean hasEffect(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private float[] values(ParameterSpec spec) {
    return requireNonNull(weights.get(spec.name()), spec.name());
  }
}
