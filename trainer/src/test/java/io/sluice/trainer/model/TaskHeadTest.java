package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Heads and losses of each kind: values against the formula, gradients against differences. */
class TaskHeadTest {
  private static final long SEED = 5;
  private static final int ROWS = 4;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Random random = new Random(SEED);
  private final List<Candidate> candidates =
      List.of(
          new Candidate(2, new BottleneckSequential(3)),
          new Candidate(4, new BottleneckSequential(2)));
  private final List<Encoding> encodings = encodings();
  private final int[] all = {0, 1, 2, 3};

  @Test
  void sigmoid_labelSets_lossAndGradientsAreRight() {
    LabelSetTargets targets = new LabelSetTargets(List.of(set(0, 2), set(), set(1), set(0, 1, 2)));
    LinearHead head = new LinearHead(Pooling.MEAN, 3, Loss.SIGMOID, 0, 1);
    check(
        head,
        targets,
        logits -> {
          double loss = 0;
          for (int row = 0; row < ROWS; row++) {
            for (int label = 0; label < 3; label++) {
              double x = logits[row][label];
              loss += Math.log1p(Math.exp(targets.sets().get(row).get(label) ? -x : x));
            }
          }
          return loss / ROWS / 3;
        });
  }

  @Test
  void squared_values_lossAndGradientsAreRight() {
    double[] values = {3, 5.5, 4, 9};
    LinearHead head = new LinearHead(Pooling.FIRST, 1, Loss.SQUARED, 5, 2);
    check(
        head,
        new ValueTargets(values, 2),
        logits -> {
          double loss = 0;
          for (int row = 0; row < ROWS; row++) {
            loss += Math.pow((logits[row][0] - values[row]) / 2, 2) / ROWS;
          }
          return loss;
        });
  }

  @Test
  void softmaxOverTokens_spans_lossAndGradientsAreRight() {
    int[] starts = {0, 1, 2, 0};
    int[] ends = {1, 2, 2, 4};
    check(
        new SpanHead(),
        new SpanTargets(starts, ends),
        logits -> {
          double loss = 0;
          for (int row = 0; row < ROWS; row++) {
            int tokens = encodings.get(row).length();
            // Rows come without padding: the sum is over the row's own tokens.
            assertThat(logits[row]).hasSize(2 * tokens);
            loss += surprise(logits[row], 0, tokens, starts[row]) / 2 / ROWS;
            loss += surprise(logits[row], tokens, 2 * tokens, ends[row]) / 2 / ROWS;
          }
          return loss;
        });
  }

  @Test
  void spanHead_rowBesideLongerOne_saysTheSameAsAlone() {
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, new SpanHead());
    ParameterLayout layout = graphs.layout(candidates);
    float[] values = gaussian(layout.size());
    SpanTargets targets = new SpanTargets(new int[ROWS], new int[ROWS]);
    try (ForwardSession forward =
        new ForwardSession(runtime, graphs.forward(candidates), layout.size())) {
      float[][] together = forward.logits(new EncodedRows(encodings, targets), values);
      float[] alone = forward.logits(new EncodedRows(encodings, targets).of(0), values)[0];
      for (int i = 0; i < alone.length; i++) {
        assertThat(together[0][i]).isCloseTo(alone[i], within(1e-5f));
      }
    }
  }

  private interface Formula {
    double loss(float[][] logits);
  }

  private void check(TaskHead head, Targets targets, Formula formula) {
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
    ParameterLayout layout = graphs.layout(candidates);
    float[] values = gaussian(layout.size());
    EncodedRows rows = new EncodedRows(encodings, targets);
    float[] gradients = new float[layout.size()];
    Regularisation none = Regularisation.none(TestingBackbone.HIDDEN, head.labels());
    try (ForwardSession forward =
            new ForwardSession(runtime, graphs.forward(candidates), layout.size());
        TrainingSession session =
            new TrainingSession(
                runtime, graphs.training(candidates, false), layout.size(), 0, none)) {
      double loss = session.step(0, rows, all, values, new float[0]);
      session.gradients(gradients);
      assertThat(loss).isCloseTo(formula.loss(forward.logits(rows, values)), within(1e-5));
      float h = 1e-2f;
      for (int i = 0; i < values.length; i++) {
        float[] above = values.clone();
        float[] below = values.clone();
        above[i] += h;
        below[i] -= h;
        double slope =
            (formula.loss(forward.logits(rows, above)) - formula.loss(forward.logits(rows, below)))
                / (above[i] - below[i]);
        assertThat((double) gradients[i])
            .as("seed %s weight %s", SEED, i)
            .isCloseTo(slope, within(2e-4 + 1e-2 * Math.abs(slope)));
      }
    }
  }

  private static double surprise(float[] logits, int from, int to, int right) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.exp(logits[i]);
    }
    return Math.log(sum) - logits[from + right];
  }

  private float[] gaussian(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return values;
  }

  private List<Encoding> encodings() {
    List<Encoding> rows = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      long[] ids = random.longs(2 + row, 2, TestingBackbone.WORDS).toArray();
      rows.add(new Encoding(ids, new long[ids.length], false));
    }
    return rows;
  }

  private static BitSet set(int... labels) {
    BitSet set = new BitSet();
    for (int label : labels) {
      set.set(label);
    }
    return set;
  }
}
