package io.sluice.trainer.task;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.answer.LabelScores;
import io.sluice.registry.answer.Probabilities;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.LabelSet;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LabelCounts;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LabelSetTargets;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Any number of labels about a text or a pair: each a decision of its own. */
record LabelSetTask(LabelSet set) implements Task {

  /** The labels of both sets: one that no train row has is learned as never right. */
  static LabelSetTask of(Dataset train, Dataset dev, SetProblems problems) {
    SortedSet<String> names = new TreeSet<>(train.labels().names());
    if (problems.requireTruth(Truth.Labels.class, "a list of labels")) {
      names.addAll(dev.labels().names());
      if (names.isEmpty()) {
        problems.add(train.source() + ": labels: none in any row (expected: one or more)");
      }
    }
    return new LabelSetTask(LabelSet.of(names));
  }

  @Override
  public TaskKind kind() {
    return TaskKind.MULTI_LABEL;
  }

  @Override
  public List<String> labels() {
    return set.names();
  }

  @Override
  public LinearHead head(Pooling pooling) {
    return new LinearHead(pooling, set.size(), Loss.SIGMOID, 0, 1);
  }

  @Override
  public TaskRows encode(Dataset rows, BackboneTokenizer tokenizer, RowLimits limits) {
    List<Encoding> encodings = new ArrayList<>(rows.size());
    List<BitSet> truth = new ArrayList<>(rows.size());
    for (Example example : rows.examples()) {
      encodings.add(tokenizer.encode(example.text(), example.pair(), limits.maxTokens()));
      BitSet labels = new BitSet();
      ((Truth.Labels) example.truth()).names().forEach(name -> labels.set(set.indexOf(name)));
      truth.add(labels);
    }
    EncodedRows encoded = new EncodedRows(encodings, new LabelSetTargets(truth));
    return new TaskRows(encoded, new SetJudge(truth, set.names(), encodings));
  }

  /** Takes every label that is more likely than not. */
  private record SetJudge(List<BitSet> truth, List<String> labels, List<Encoding> rows)
      implements Judge {
    @Override
    public Evaluation evaluate(float[][] logits) {
      return evaluate(logits, Decision.PLAIN);
    }

    @Override
    public Evaluation evaluate(float[][] logits, Decision decision) {
      List<BitSet> answers =
          Arrays.stream(logits).map(row -> LabelScores.of(row, decision).said()).toList();
      return LabelCounts.of(truth, answers, labels.size());
    }

    /** Its score is that of the least sure decision. */
    @Override
    public List<Reply> replies(float[][] logits, Decision decision) {
      List<Reply> replies = new ArrayList<>(logits.length);
      for (int row = 0; row < logits.length; row++) {
        LabelScores scores = LabelScores.of(logits[row], decision);
        TreeSet<String> names = new TreeSet<>();
        scores.said().stream().forEach(label -> names.add(labels.get(label)));
        double least =
            Arrays.stream(scores.values()).map(yes -> Math.max(yes, 1 - yes)).min().orElse(1);
        boolean truncated = rows.get(row).truncated();
        replies.add(new Reply(new Truth.Labels(names), least, scores.abstains(), truncated));
      }
      return replies;
    }

    /** One answer a decision: each label of each row. */
    @Override
    public List<Answer> answers(float[][] logits, double temperature) {
      List<Answer> answers = new ArrayList<>();
      for (int row = 0; row < logits.length; row++) {
        for (int label = 0; label < labels.size(); label++) {
          double yes = Probabilities.sigmoid(logits[row][label] / temperature);
          boolean right = (logits[row][label] > 0) == truth.get(row).get(label);
          answers.add(new Answer(Math.max(yes, 1 - yes), right ? 1 : 0, 0));
        }
      }
      return answers;
    }

    @Override
    public List<Choice> choices(float[][] logits) {
      List<Choice> choices = new ArrayList<>();
      for (int row = 0; row < logits.length; row++) {
        for (int label = 0; label < labels.size(); label++) {
          choices.add(Choice.of(logits[row][label], truth.get(row).get(label)));
        }
      }
      return choices;
    }
  }
}
