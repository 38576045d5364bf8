package io.sluice.trainer;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.SearchSpace;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The structure that takes no thought: one form at every point, as wide as the budget allows.
 *
 * <p>Only if the least rank does not fit everywhere there are fewer points, as many as fit, spread
 * evenly from the top. A budget that does not count ranks allows any: then the greatest asked for.
 */
final class FixedStructure {
  private final Backbone backbone;
  private final SearchSettings search;
  private final Budget budget;
  private final AdapterForm form;

  FixedStructure(Backbone backbone, SearchSettings search, Budget budget) {
    this.backbone = backbone;
    this.search = search;
    this.budget = budget;
    this.form = CandidateSpace.firstForm(search);
  }

  /**
   * Chooses points and rank.
   *
   * @throws io.sluice.backbone.SluiceException {@code INVALID_ARGUMENT} if the least rank at one
   *     point is too much
   */
  StructurePlan plan() {
    int least = form.ranked() ? 1 : 0;
    StructurePlan plan = null;
    // Refused here if even one of the least rank is too much, so some number of points fits.
    for (int points = at(least, 1).space().size(); plan == null && points >= 1; points--) {
      plan = fitting(least, points);
    }
    StructurePlan narrow = requireNonNull(plan, "plan");
    int points = requireNonNull(narrow.chosen(), "chosen").cardinality();
    for (int rank = form.ranked() ? most(narrow, points) : least; rank > least; rank--) {
      StructurePlan wider = fitting(rank, points);
      if (wider != null) {
        return wider;
      }
    }
    return narrow;
  }

  /** The widest to be tried: any where width is paid for, else what was asked for. */
  private int most(StructurePlan narrow, int points) {
    StructurePlan widest = unchecked(SearchSettings.MOST_RANK, points);
    return cost(widest) > cost(narrow) || !allowed(widest)
        ? SearchSettings.MOST_RANK
        : StructurePlan.largest(search);
  }

  private @Nullable StructurePlan fitting(int rank, int points) {
    StructurePlan plan = unchecked(rank, points);
    return allowed(plan) ? plan : null;
  }

  private static boolean allowed(StructurePlan plan) {
    return plan.budget().allows(requireNonNull(plan.chosen(), "chosen"));
  }

  private static long cost(StructurePlan plan) {
    BitSet chosen = requireNonNull(plan.chosen(), "chosen");
    return plan.budget().constraints().stream().mapToLong(each -> each.of(chosen)).sum();
  }

  private StructurePlan at(int rank, int points) {
    SearchSpace space = CandidateSpace.ofFirstForm(backbone, search, rank);
    return new StructurePlan(
        space, BudgetPlan.of(budget, space, backbone), spread(space.size(), points));
  }

  private StructurePlan unchecked(int rank, int points) {
    SearchSpace space = CandidateSpace.ofFirstForm(backbone, search, rank);
    return new StructurePlan(
        space, BudgetPlan.unchecked(budget, space, backbone), spread(space.size(), points));
  }

  /** So many of so many places, evenly, the last of them always. */
  static BitSet spread(int places, int count) {
    BitSet chosen = new BitSet(places);
    for (int i = 0; i < count; i++) {
      chosen.set(places - 1 - (int) ((long) i * places / count));
    }
    return chosen;
  }
}
