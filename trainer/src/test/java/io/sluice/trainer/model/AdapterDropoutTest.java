package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdapterDropoutTest {
  private static final int LABELS = 3;
  private static final int[] ROWS = {0, 1, 2, 3, 4};
  private static final float[] GATES = {0.8f, 0.5f};

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final TaskHead head = new LinearHead(Pooling.MEAN, LABELS);
  private final AdaptedGraphs plain = new AdaptedGraphs(runtime, backbone, head);
  private final List<Candidate> candidates =
      SearchSpace.of(List.of(1, 3), List.of(new BottleneckSequential(4))).candidates();
  private final ParameterLayout layout = plain.layout(candidates);
  private final EncodedRows rows = rows();

  @Test
  void step_nothingDropped_isTheGraphWithoutDropout() {
    float[] values = values();
    try (TrainingSession without = session(plain, 0);
        TrainingSession with = session(plain.withAdapterDropout(), 0)) {
      double loss = without.step(1, rows, ROWS, values, GATES);
      assertThat(with.step(1, rows, ROWS, values, GATES)).isCloseTo(loss, within(1e-6));
      assertThat(gradients(with)).containsExactly(gradients(without), within(1e-5f));
    }
  }

  /** The oracle is the central difference: at one step number one thing is dropped, always. */
  @Test
  void step_halfDropped_gradientIsTheCentralDifference() {
    float[] values = values();
    try (TrainingSession session = session(plain.withAdapterDropout(), 0.5)) {
      double loss = session.step(7, rows, ROWS, values, GATES);
      float[] gradients = gradients(session);
      assertThat(session.step(7, rows, ROWS, values, GATES)).isEqualTo(loss);
      assertThat(session.step(8, rows, ROWS, values, GATES)).isNotEqualTo(loss);
      float step = 2e-3f;
      for (int i = 0; i < values.length; i += 3) {
        float value = values[i];
        values[i] = value + step;
        double above = session.step(7, rows, ROWS, values, GATES);
        values[i] = value - step;
        double below = session.step(7, rows, ROWS, values, GATES);
        values[i] = value;
        double difference = (above - below) / (2 * step);
        assertThat((double) gradients[i]).as("weight " + i).isCloseTo(difference, within(2e-3));
      }
    }
  }

  private TrainingSession session(AdaptedGraphs graphs, double dropout) {
    return new TrainingSession(
        runtime,
        graphs.training(candidates, true),
        layout.size(),
        2,
        new Regularisation(TestingBackbone.HIDDEN, LABELS, 0, 0, dropout, 3));
  }

  private float[] gradients(TrainingSession session) {
    float[] gradients = new float[layout.size()];
    session.gradients(gradients);
    return gradients;
  }

  private float[] values() {
    Random random = new Random(11);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 3;
    }
    return values;
  }

  private static EncodedRows rows() {
    Random random = new Random(5);
    List<Encoding> encodings = new ArrayList<>();
    int[] labels = new int[ROWS.length];
    for (int row = 0; row < ROWS.length; row++) {
      long[] ids = random.longs(2 + row % 3, 2, TestingBackbone.WORDS + 2).toArray();
      encodings.add(new Encoding(ids, new long[ids.length], false));
      labels[row] = random.nextInt(LABELS);
    }
    return new EncodedRows(encodings, new ClassTargets(labels));
  }
}
