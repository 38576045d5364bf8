package io.sluice.trainer.task;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What keeps train and dev rows from making a task, gathered so that it is reported once. Confined
 * to one thread.
 */
final class SetProblems {
  private static final int SHOWN = 20;

  private final Dataset train;
  private final Dataset dev;
  private final List<String> problems = new ArrayList<>();

  SetProblems(Dataset train, Dataset dev) {
    this.train = train;
    this.dev = dev;
  }

  void add(String problem) {
    problems.add(problem);
  }

  /** Both sets hold as many texts a row. */
  void requireSameFields() {
    if (train.pairs() != dev.pairs()) {
      add(
          dev.source()
              + ": text fields: "
              + dev.textFields()
              + " (expected: "
              + train.textFields()
              + ")");
    }
  }

  /** Both sets hold two texts a row. */
  void requirePairs(String what) {
    if (!train.pairs()) {
      add(train.source() + ": text fields: " + train.textFields() + " (expected: " + what + ")");
    }
  }

  /**
   * Truth in both sets is of one form.
   *
   * @return whether it is
   */
  boolean requireTruth(Class<? extends Truth> form, String what) {
    boolean holds = true;
    for (Dataset set : List.of(train, dev)) {
      Example first = set.examples().get(0);
      if (!form.isInstance(first.truth())) {
        add(
            set.source()
                + ":"
                + first.line()
                + ": truth: "
                + first.truth()
                + " (expected: "
                + what
                + ")");
        holds = false;
      }
    }
    return holds;
  }

  /** Dev rows have no label that the train rows have not. */
  void requireKnownLabels(List<String> labels) {
    Set<String> known = Set.copyOf(labels);
    List<Example> unknown =
        dev.examples().stream().filter(example -> !known.contains(example.label())).toList();
    for (Example example : unknown.subList(0, Math.min(SHOWN, unknown.size()))) {
      add(
          dev.source()
              + ":"
              + example.line()
              + ": label: "
              + example.label()
              + " (expected: one of the train rows' "
              + labels
              + ")");
    }
    if (unknown.size() > SHOWN) {
      add("... and " + (unknown.size() - SHOWN) + " more labels the train rows do not have");
    }
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.join("\n", problems));
    }
  }
}
