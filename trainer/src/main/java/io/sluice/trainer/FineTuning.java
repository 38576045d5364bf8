package io.sluice.trainer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.checkpoint.SavedState;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.optim.AdamW;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last part of a run, or all of it where the structure was set before: its weights learn on,
 * through a graph that holds nothing else and begins above the trunk. Confined to the training
 * thread.
 */
final class FineTuning {
  private static final String CHOSEN = "chosen";
  private static final String COST = "cost";

  private final RunContext run;
  private final FrozenStructure structure;
  private final ParameterLayout layout;
  private final float[] values;
  private final @Nullable SavedState resumed;

  /** Fine-tuning of what was frozen just now. */
  FineTuning(RunContext run, FrozenStructure structure) {
    this(run, structure, null);
  }

  private FineTuning(RunContext run, FrozenStructure structure, @Nullable SavedState resumed) {
    this.run = run;
    this.structure = structure;
    this.resumed = resumed;
    this.layout = run.graphs().layout(structure.candidates());
    this.values = structure.values();
  }

  /** Fine-tuning that goes on from a checkpoint that was saved while fine-tuning. */
  static FineTuning resume(RunContext run, SearchSpace space, SavedState state) {
    BitSet chosen = BitSet.valueOf(state.longs(CHOSEN));
    List<Candidate> candidates = chosen.stream().mapToObj(space.candidates()::get).toList();
    AdamW adam = run.optimizer(run.graphs().layout(candidates));
    SavedLearning.restore(state, adam);
    FrozenStructure structure =
        new FrozenStructure(
            candidates, chosen, state.number(COST), SavedLearning.values(state), adam);
    return new FineTuning(run, structure, state);
  }

  RunContext run() {
    return run;
  }

  FrozenStructure structure() {
    return structure;
  }

  /**
   * The weights of a structure that was set before the first step, as a search would start them.
   *
   * @param chosen numbers of the candidates in the space
   * @param headMap the head's weights and bias to start from
   */
  static FineTuning of(RunContext run, SearchSpace space, BitSet chosen, float[] headMap) {
    if (run.settings().search().method().budgeted() && !run.budget().allows(chosen)) {
      throw new SluiceException(
          ErrorCode.INTERNAL, "structure: " + chosen + " (expected: within the budget)");
    }
    ParameterLayout all = run.graphs().layout(space.candidates());
    float[] start = all.start(run.settings().seed());
    System.arraycopy(headMap, 0, start, all.size() - headMap.length, headMap.length);
    int[] indices = all.indicesOf(chosen.stream().boxed().toList());
    float[] values = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      values[i] = start[indices[i]];
    }
    List<Candidate> candidates = chosen.stream().mapToObj(space.candidates()::get).toList();
    AdamW adam = run.optimizer(run.graphs().layout(candidates));
    long cost = run.budget().first().of(chosen);
    return new FineTuning(run, new FrozenStructure(candidates, chosen, cost, values, adam));
  }

  /** Runs the steps behind the freeze, or fewer if the dev rows are answered no better for long. */
  WeightLearning.State tune() {
    Trunk trunk = Trunk.below(structure.candidates(), run);
    try (trunk;
        ForwardSession forward =
            new ForwardSession(
                run.runtime(),
                run.graphs().forward(structure.candidates(), trunk.boundary()),
                layout.size(),
                trunk.cache());
        TrainingSession session =
            new TrainingSession(
                run.runtime(),
                run.graphs().training(structure.candidates(), false, trunk.boundary()),
                layout.size(),
                0,
                run.regularisation(),
                trunk.cache())) {
      WeightLearning learning =
          new WeightLearning(
              run,
              new WeightLearning.Weights(values, structure.adam(), session, forward),
              new WeightLearning.Frozen(open(), structure.cost(), startCounts()));
      return learning.learn(
          start(learning),
          step -> trunk.prepare(step, run.schedule().steps()),
          state -> run.checkpoints().stepEnded(saved -> save(saved, state)));
    }
  }

  /** Saves how it ended: gone on with from there, nothing is left but to compile. */
  void keep(WeightLearning.State reached) {
    run.checkpoints().save(saved -> save(saved, reached));
  }

  /** After a search they have learned; before the first step only a head may be good already. */
  private boolean startCounts() {
    return run.schedule().freezeStep() > 0 || structure.candidates().isEmpty();
  }

  private double[] open() {
    double[] open = new double[run.budget().size()];
    structure.chosen().stream().forEach(i -> open[i] = 1);
    return open;
  }

  private WeightLearning.State start(WeightLearning learning) {
    SavedState saved = resumed;
    return saved == null ? learning.start() : SavedLearning.state(saved, learning);
  }

  private void save(SavedState.Builder saved, WeightLearning.State state) {
    saved.longs(CHOSEN, structure.chosen().toLongArray()).longs(COST, structure.cost());
    SavedLearning.save(saved, values, structure.adam(), state);
  }
}
