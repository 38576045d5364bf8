package io.sluice.trainer.diagnosis;

/** Something that went wrong in a run, or may have. Immutable. */
public sealed interface Finding
    permits PoorAtLowBudget,
        UnstableLoss,
        UnstableGates,
        NoGainOverProbe,
        UndecidedGates,
        Overfitting {
  /** What it is, in a few words. */
  String title();

  /** The figures that show it. */
  String evidence();

  /** What has most likely brought it about. */
  String cause();

  /** What to try. */
  String remedy();
}
