package io.sluice.trainer.task;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.registry.answer.BooleanLabels;
import io.sluice.registry.answer.ClassScores;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.answer.Probabilities;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.LabelSet;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.metric.Confusion;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LogLoss;
import io.sluice.trainer.model.ClassTargets;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LinearHead;
import java.util.ArrayList;
import java.util.List;

/**
 * One label of several about a text or a pair; with {@link TaskKind#ANSWER_BOOLEAN}, yes or no
 * about a question and a passage.
 */
record ClassTask(TaskKind kind, LabelSet set) implements Task {
  static ClassTask of(TaskKind kind, Dataset train, Dataset dev, SetProblems problems) {
    LabelSet labels = train.labels();
    if (problems.requireTruth(Truth.Label.class, "a label")) {
      if (labels.size() < 2) {
        problems.add(
            train.source() + ": labels: only " + labels.names() + " (expected: two or more)");
      }
      problems.requireKnownLabels(labels.names());
    }
    if (kind == TaskKind.ANSWER_BOOLEAN) {
      problems.requirePairs("two, the question and the passage");
      if (!BooleanLabels.areYesAndNo(labels.names())) {
        problems.add(
            train.source()
                + ": labels: "
                + labels.names()
                + " (expected: one of "
                + BooleanLabels.YES
                + " and one of "
                + BooleanLabels.NO
                + ")");
      }
    }
    return new ClassTask(kind, labels);
  }

  @Override
  public List<String> labels() {
    return set.names();
  }

  @Override
  public LinearHead head(Pooling pooling) {
    return new LinearHead(pooling, set.size());
  }

  @Override
  public TaskRows encode(Dataset rows, BackboneTokenizer tokenizer, RowLimits limits) {
    List<Encoding> encodings = new ArrayList<>(rows.size());
    int[] numbers = new int[rows.size()];
    for (int row = 0; row < numbers.length; row++) {
      Example example = rows.examples().get(row);
      encodings.add(tokenizer.encode(example.text(), example.pair(), limits.maxTokens()));
      numbers[row] = set.indexOf(example.label());
    }
    EncodedRows encoded = new EncodedRows(encodings, new ClassTargets(numbers));
    return new TaskRows(encoded, new ClassJudge(numbers, set.names(), encodings));
  }

  /** Takes the label of the greatest logit. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record ClassJudge(int[] truth, List<String> labels, List<Encoding> rows)
      implements Judge {
    @Override
    public Evaluation evaluate(float[][] logits) {
      return Confusion.of(truth, Confusion.answers(logits), labels.size());
    }

    @Override
    public List<Reply> replies(float[][] logits, Decision decision) {
      List<Reply> replies = new ArrayList<>(logits.length);
      for (int row = 0; row < logits.length; row++) {
        ClassScores scores = ClassScores.of(logits[row], decision);
        Truth said = new Truth.Label(labels.get(scores.best()));
        boolean truncated = rows.get(row).truncated();
        replies.add(new Reply(said, scores.bestValue(), scores.abstains(), truncated));
      }
      return replies;
    }

    @Override
    public double loss(float[][] logits) {
      return LogLoss.of(logits, truth);
    }

    @Override
    public List<Answer> answers(float[][] logits, double temperature) {
      int[] answers = Confusion.answers(logits);
      List<Answer> made = new ArrayList<>(answers.length);
      for (int row = 0; row < answers.length; row++) {
        double score = Probabilities.softmax(logits[row], temperature)[answers[row]];
        made.add(new Answer(score, answers[row] == truth[row] ? 1 : 0, 0));
      }
      return made;
    }

    @Override
    public List<Choice> choices(float[][] logits) {
      List<Choice> choices = new ArrayList<>(logits.length);
      for (int row = 0; row < logits.length; row++) {
        choices.add(new Choice(logits[row], truth[row]));
      }
      return choices;
    }
  }
}
