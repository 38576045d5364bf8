package io.sluice.trainer.diagnosis;

import io.sluice.trainer.history.RunHistory;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All checks over one run. Stateless and thread-safe. */
public final class Diagnosis {
  private Diagnosis() {}

  /** What is found, the most serious first; empty for a run without any of the signs. */
  public static List<Finding> of(RunHistory history, Outcome outcome) {
    Stream<Optional<? extends Finding>> found =
        Stream.of(
            UnstableLoss.find(history),
            NoGainOverProbe.find(history, outcome),
            PoorAtLowBudget.find(history, outcome),
            Overfitting.find(history, outcome),
            UnstableGates.find(history),
            UndecidedGates.find(history));
    return found.<Finding>flatMap(Optional::stream).toList();
  }
}
