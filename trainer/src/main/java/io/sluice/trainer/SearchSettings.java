package io.sluice.trainer;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.sluice.trainer.gate.GateForm;
import io.sluice.trainer.gate.HardConcrete;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.Placement;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is searched, and how. Immutable; ranges are checked by {@link TrainSettings}, for all parts
 * at once.
 *
 * @param method how the structure comes about
 * @param forms forms of the candidates, at least one
 * @param ranks inner widths of the candidates whose form has one; each is a candidate of its own,
 *     the smallest first
 * @param points insertion points with candidates; empty: all that {@code placement} has
 * @param placement which insertion points there are to choose from
 * @param gates what a gate is
 * @param gateTemperature of hard-concrete gates, see {@link io.sluice.trainer.gate.HardConcrete}:
 *     the lower, the fewer samples between 0 and 1
 * @param gateLearningRate rate of the gates' log alphas
 * @param sharpness what log alphas are multiplied by when the structure is frozen; from 1 at the
 *     start of the hold phase on it grows up to there, and gates make up their minds
 * @param sparsityWeight weight of the penalty on open gates, for gates that no budget holds
 * @param trunkWeight how much a long trunk is preferred, see {@link
 *     io.sluice.trainer.gate.TrunkPreference}; 0: not at all
 */
@RecordBuilder
public record SearchSettings(
    Method method,
    Set<AdapterForm> forms,
    Set<Integer> ranks,
    SortedSet<Integer> points,
    Placement placement,
    GateForm gates,
    double gateTemperature,
    double gateLearningRate,
    double sharpness,
    double sparsityWeight,
    double trunkWeight) {
  static final int MOST_RANK = 1024;

  public SearchSettings {
    requireNonNull(method, "method");
    forms = forms.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(forms));
    ranks = Collections.unmodifiableSet(new TreeSet<>(ranks));
    points = Collections.unmodifiableSortedSet(new TreeSet<>(points));
    requireNonNull(placement, "placement");
    requireNonNull(gates, "gates");
  }

  /** As a run goes when nothing is said. */
  public static SearchSettings defaults() {
    return SearchSettingsBuilder.builder()
        .method(Method.LEARNED)
        .forms(EnumSet.of(AdapterForm.BOTTLENECK_SEQUENTIAL))
        .ranks(Set.of(4, 16))
        .points(Collections.emptySortedSet())
        .placement(Placement.BLOCK_WISE)
        .gates(GateForm.HARD_CONCRETE)
        .gateTemperature(HardConcrete.DEFAULT_TEMPERATURE)
        .gateLearningRate(0.1)
        .sharpness(5)
        .sparsityWeight(1)
        .build();
  }

  /** A builder that starts from these values. */
  public SearchSettingsBuilder toBuilder() {
    return SearchSettingsBuilder.builder(this);
  }

  void check(SettingProblems problems) {
    problems.require(!forms.isEmpty(), "kinds: none", "one or more");
    problems.require(
        !ranks.isEmpty() || forms.stream().noneMatch(AdapterForm::ranked),
        "ranks: none",
        "one or more");
    for (int rank : ranks) {
      problems.require(rank >= 1 && rank <= MOST_RANK, "rank: " + rank, "1.." + MOST_RANK);
    }
    for (int point : points) {
      problems.require(point >= 1, "points: " + point, ">= 1");
    }
    problems.require(
        gateTemperature >= HardConcrete.LEAST_TEMPERATURE
            && gateTemperature <= HardConcrete.MOST_TEMPERATURE,
        "gate-temperature: " + gateTemperature,
        HardConcrete.LEAST_TEMPERATURE + ".." + HardConcrete.MOST_TEMPERATURE);
    problems.require(
        gateLearningRate > 0 && gateLearningRate <= 10,
        "gate-learning-rate: " + gateLearningRate,
        "above 0, at most 10");
    problems.require(sharpness >= 1 && sharpness <= 100, "gate-sharpness: " + sharpness, "1..100");
    problems.require(
        sparsityWeight >= 0 && sparsityWeight <= 1000,
        "sparsity-weight: " + sparsityWeight,
        "0..1000");
    problems.require(
        trunkWeight >= 0 && trunkWeight <= 1000, "prefer-trunk: " + trunkWeight, "0..1000");
  }

  void describe(Map<String, String> values) {
    values.put("method", method.word());
    values.put("kinds", forms.stream().map(AdapterForm::word).collect(joining(",")));
    values.put("ranks", ranks.stream().map(String::valueOf).collect(joining(",")));
    values.put(
        "points",
        points.isEmpty() ? "all" : points.stream().map(String::valueOf).collect(joining(",")));
    values.put("placement", placement.word());
    values.put("gates", gates.word());
    values.put("gate_temperature", Double.toString(gateTemperature));
    values.put("gate_learning_rate", Double.toString(gateLearningRate));
    values.put("gate_sharpness", Double.toString(sharpness));
    values.put("sparsity_weight", Double.toString(sparsityWeight));
    values.put("prefer_trunk", Double.toString(trunkWeight));
  }
}
