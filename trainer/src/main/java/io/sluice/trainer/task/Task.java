package io.sluice.trainer.task;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.LabelSet;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.model.TaskHead;
import java.util.List;

/** All that differs between kinds of task. Immutable. */
public sealed interface Task permits ClassTask, LabelSetTask, SpanTask, ValueTask {
  /** The kind, as bundles name it. */
  TaskKind kind();

  /** Names of what the logits stand for, in their order; none for spans. */
  List<String> labels();

  /**
   * The head such tasks have.
   *
   * @param pooling how a row becomes one vector; {@link Pooling#NONE} for spans
   */
  TaskHead head(Pooling pooling);

  /** A set of examples, the train set or one like it, as rows. */
  TaskRows encode(Dataset set, BackboneTokenizer tokenizer, RowLimits limits);

  /** The kind that examples are of when nobody says. */
  static TaskKind kindOf(Dataset set) {
    Truth truth = set.examples().get(0).truth();
    if (truth instanceof Truth.Labels) {
      return TaskKind.MULTI_LABEL;
    }
    if (truth instanceof Truth.Value) {
      return TaskKind.REGRESS;
    }
    return truth instanceof Truth.Spans ? TaskKind.ANSWER_SPAN : TaskKind.CLASSIFY;
  }

  /**
   * The task that train and dev rows make.
   *
   * @throws io.sluice.backbone.SluiceException {@code INVALID_ARGUMENT} with everything that is
   *     wrong about them
   */
  static Task of(TaskKind kind, Dataset train, Dataset dev) {
    SetProblems problems = new SetProblems(train, dev);
    problems.requireSameFields();
    Task task =
        switch (kind) {
          case CLASSIFY, ANSWER_BOOLEAN -> ClassTask.of(kind, train, dev, problems);
          case MULTI_LABEL -> LabelSetTask.of(train, dev, problems);
          case REGRESS -> ValueTask.of(train, problems);
          case ANSWER_SPAN -> SpanTask.of(problems);
        };
    problems.throwIfAny();
    return task;
  }

  /** The task that a bundle has learned, for other rows than it was learned from. */
  static Task of(Manifest bundle) {
    LabelSet labels = LabelSet.inOrder(bundle.labels());
    return switch (bundle.kind()) {
      case CLASSIFY, ANSWER_BOOLEAN -> new ClassTask(bundle.kind(), labels);
      case MULTI_LABEL -> new LabelSetTask(labels);
      case REGRESS -> ValueTask.PLAIN;
      case ANSWER_SPAN -> new SpanTask();
    };
  }
}
