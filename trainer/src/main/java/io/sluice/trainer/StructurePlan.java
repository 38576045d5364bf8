package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.random.CounterRandom;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run chooses from, what that may cost, and what is chosen already.
 *
 * @param chosen numbers of the candidates that make the structure; {@code null}: still to be
 *     searched for
 */
record StructurePlan(SearchSpace space, BudgetPlan budget, @Nullable BitSet chosen) {

  /**
   * The plan of the settings' method.
   *
   * @throws io.sluice.backbone.SluiceException {@code INVALID_ARGUMENT} for points that the
   *     backbone does not have, or a budget that no candidate fits
   */
  static StructurePlan of(Backbone backbone, TrainSettings settings) {
    SearchSettings search = settings.search();
    return switch (search.method()) {
      case LEARNED -> {
        SearchSpace space = CandidateSpace.of(backbone, search);
        yield new StructurePlan(space, BudgetPlan.of(settings.budget(), space, backbone), null);
      }
      case FIXED -> new FixedStructure(backbone, search, settings.budget()).plan();
      case RANDOM -> random(backbone, settings);
      case EVERYWHERE -> {
        SearchSpace space = CandidateSpace.ofFirstForm(backbone, search, largest(search));
        yield unlimited(space, backbone, all(space.size()));
      }
      case HEAD_ONLY -> unlimited(CandidateSpace.of(backbone, search), backbone, new BitSet());
    };
  }

  /** The greatest rank asked for; 0 where none is. */
  static int largest(SearchSettings search) {
    return search.ranks().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private static BitSet all(int size) {
    BitSet all = new BitSet(size);
    all.set(0, size);
    return all;
  }

  /** What all candidates cost is the limit, which then limits nothing. */
  private static StructurePlan unlimited(SearchSpace space, Backbone backbone, BitSet chosen) {
    long full =
        space.candidates().stream()
            .mapToLong(candidate -> candidate.kind().parameterCount(backbone.hiddenSize()))
            .sum();
    BudgetPlan budget = BudgetPlan.of(new Budget.Parameters(full), space, backbone);
    return new StructurePlan(space, budget, chosen);
  }

  private static StructurePlan random(Backbone backbone, TrainSettings settings) {
    SearchSpace space = CandidateSpace.of(backbone, settings.search());
    BudgetPlan budget = BudgetPlan.of(settings.budget(), space, backbone);
    CounterRandom random = new CounterRandom(settings.seed(), CounterRandom.Stream.STRUCTURE);
    BitSet chosen = new BitSet(space.size());
    for (int candidate : random.permutation(0, space.size())) {
      chosen.set(candidate);
      if (!budget.allows(chosen)) {
        chosen.clear(candidate);
      }
    }
    return new StructurePlan(space, budget, chosen);
  }
}
