package io.sluice.trainer.task;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.ValueFit;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.Loss;
import io.sluice.trainer.model.ValueTargets;
import java.util.ArrayList;
import java.util.List;

/**
 * A number about a text or a pair. The head's answers are spread as the train rows' values are.
 *
 * @param mean of the train rows' values
 * @param deviation their standard deviation
 */
record ValueTask(double mean, double deviation) implements Task {
  /** For rows that a head which exists answers: its graph knows how it is spread. */
  static final ValueTask PLAIN = new ValueTask(0, 1);

  private static final List<String> LABELS = List.of("value");

  static ValueTask of(Dataset train, SetProblems problems) {
    if (!problems.requireTruth(Truth.Value.class, "a number")) {
      return new ValueTask(0, 1);
    }
    double[] values = values(train);
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double variance = 0;
    for (double value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    if (variance == 0) {
      problems.add(
          train.source() + ": values: " + values[0] + " in every row (expected: some that differ)");
    }
    return new ValueTask(mean, Math.sqrt(variance));
  }

  private static double[] values(Dataset rows) {
    return rows.examples().stream()
        .mapToDouble(example -> ((Truth.Value) example.truth()).value())
        .toArray();
  }

  @Override
  public TaskKind kind() {
    return TaskKind.REGRESS;
  }

  @Override
  public List<String> labels() {
    return LABELS;
  }

  @Override
  public LinearHead head(Pooling pooling) {
    return new LinearHead(pooling, 1, Loss.SQUARED, mean, deviation);
  }

  @Override
  public TaskRows encode(Dataset rows, BackboneTokenizer tokenizer, RowLimits limits) {
    List<Encoding> encodings = new ArrayList<>(rows.size());
    for (Example example : rows.examples()) {
      encodings.add(tokenizer.encode(example.text(), example.pair(), limits.maxTokens()));
    }
    double[] values = values(rows);
    EncodedRows encoded = new EncodedRows(encodings, new ValueTargets(values, deviation));
    return new TaskRows(encoded, new ValueJudge(values, deviation, encodings));
  }

  /** Takes the one logit as it is. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record ValueJudge(double[] truth, double deviation, List<Encoding> rows)
      implements Judge {
    @Override
    public Evaluation evaluate(float[][] logits) {
      double[] answers = new double[logits.length];
      for (int row = 0; row < answers.length; row++) {
        answers[row] = logits[row][0];
      }
      return ValueFit.of(truth, answers);
    }

    @Override
    public List<Reply> replies(float[][] logits, Decision decision) {
      List<Reply> replies = new ArrayList<>(logits.length);
      for (int row = 0; row < logits.length; row++) {
        Truth said = new Truth.Value(logits[row][0]);
        replies.add(new Reply(said, 1, false, rows.get(row).truncated()));
      }
      return replies;
    }

    @Override
    public double loss(float[][] logits) {
      double loss = 0;
      for (int row = 0; row < truth.length; row++) {
        double error = (logits[row][0] - truth[row]) / deviation;
        loss += error * error / truth.length;
      }
      return loss;
    }

    @Override
    public List<Answer> answers(float[][] logits, double temperature) {
      return List.of();
    }

    @Override
    public List<Choice> choices(float[][] logits) {
      return List.of();
    }
  }
}
