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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingSessionTest {
  private static final long SEED = 21;
  private static final int LABELS = 3;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Random random = new Random(SEED);
  private final SearchSpace space =
      SearchSpace.of(List.of(1, 2, 4), List.of(new BottleneckSequential(3)));
  private final EncodedRows rows = rows();
  private final int[] all = {0, 1, 2, 3, 4};
  private int handles;

  @BeforeEach
  void count() {
    handles = runtime.openHandles();
  }

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @ParameterizedTest
  @EnumSource(names = {"FIRST", "MEAN"})
  void step_anyWeightsAndGates_gradientsEqualCentralDifferences(Pooling pooling) {
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, new LinearHead(pooling, LABELS));
    ParameterLayout layout = graphs.layout(space.candidates());
    float[] values = gaussian(layout.size(), 0.4);
    float[] gates = {0.3f, 1, 0.8f};
    float[] gradients = new float[layout.size()];
    float[] gateGradients = new float[gates.length];
    try (TrainingSession session = session(graphs, layout)) {
      session.step(0, rows, all, values, gates);
      session.gradients(gradients);
      session.gateGradients(gateGradients);
      float h = 1e-2f;
      for (int i = 0; i < values.length; i += 1 + random.nextInt(4)) {
        float[] above = values.clone();
        float[] below = values.clone();
        above[i] += h;
        below[i] -= h;
        double slope =
            (session.step(0, rows, all, above, gates) - session.step(0, rows, all, below, gates))
                / (above[i] - below[i]);
        assertThat((double) gradients[i])
            .as("seed %s weight %s", SEED, i)
            .isCloseTo(slope, within(2e-4 + 1e-2 * Math.abs(slope)));
      }
      for (int i = 0; i < gates.length; i++) {
        float[] above = gates.clone();
        float[] below = gates.clone();
        above[i] += h;
        below[i] -= h;
        double slope =
            (session.step(0, rows, all, values, above) - session.step(0, rows, all, values, below))
                / (above[i] - below[i]);
        assertThat((double) gateGradients[i])
            .as("seed %s gate %s", SEED, i)
            .isCloseTo(slope, within(2e-4 + 1e-2 * Math.abs(slope)));
      }
    }
  }

  @Test
  void step_gatesShutOrFreshAdapters_lossIsThatOfTheUntouchedBackbone() {
    LinearHead head = new LinearHead(Pooling.MEAN, LABELS);
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
    ParameterLayout layout = graphs.layout(space.candidates());
    float[] fresh = layout.start(SEED);
    float[] map = gaussian((TestingBackbone.HIDDEN + 1) * LABELS, 0.5);
    System.arraycopy(map, 0, fresh, fresh.length - map.length, map.length);
    float[] any = gaussian(layout.size(), 1);
    System.arraycopy(map, 0, any, any.length - map.length, map.length);
    float[][] features =
        PooledFeatures.compute(runtime, backbone, List.of(rows), count -> {}).get(0).mean();
    double expected = meanCrossEntropy(features, map);
    try (TrainingSession session = session(graphs, layout)) {
      assertThat(session.step(0, rows, all, fresh, new float[] {1, 1, 1}))
          .isCloseTo(expected, within(1e-6));
      assertThat(session.step(0, rows, all, any, new float[3])).isCloseTo(expected, within(1e-6));
      assertThat(session.step(0, rows, all, any, new float[] {1, 1, 1}))
          .isNotCloseTo(expected, within(1e-2));
    }
  }

  @Test
  void forward_gatesFoldedIntoWeights_equalsGatedGraph() {
    LinearHead head = new LinearHead(Pooling.FIRST, LABELS);
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
    ParameterLayout layout = graphs.layout(space.candidates());
    float[] values = gaussian(layout.size(), 0.5);
    float[] gates = {0.25f, 0, 0.5f};
    double gated;
    try (TrainingSession session = session(graphs, layout)) {
      gated = session.step(0, rows, all, values, gates);
    }
    layout.fold(values, new double[] {0.25, 0, 0.5});
    List<Integer> kept = List.of(0, 2);
    int[] indices = layout.indicesOf(kept);
    float[] survivors = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      survivors[i] = values[indices[i]];
    }
    List<Candidate> structure = kept.stream().map(space.candidates()::get).toList();
    try (ForwardSession forward =
        new ForwardSession(runtime, graphs.forward(structure), survivors.length)) {
      assertThat(meanCrossEntropy(forward.logits(rows, survivors))).isCloseTo(gated, within(1e-6));
    }
  }

  private TrainingSession session(AdaptedGraphs graphs, ParameterLayout layout) {
    return new TrainingSession(
        runtime,
        graphs.training(space.candidates(), true),
        layout.size(),
        space.size(),
        Regularisation.none(TestingBackbone.HIDDEN, LABELS));
  }

  private double meanCrossEntropy(float[][] features, float[] map) {
    float[][] logits = new float[features.length][LABELS];
    for (int row = 0; row < features.length; row++) {
      for (int label = 0; label < LABELS; label++) {
        double sum = map[TestingBackbone.HIDDEN * LABELS + label];
        for (int i = 0; i < TestingBackbone.HIDDEN; i++) {
          sum += (double) features[row][i] * map[i * LABELS + label];
        }
        logits[row][label] = (float) sum;
      }
    }
    return meanCrossEntropy(logits);
  }

  private double meanCrossEntropy(float[][] logits) {
    double loss = 0;
    for (int row = 0; row < logits.length; row++) {
      double sum = 0;
      for (float logit : logits[row]) {
        sum += Math.exp(logit);
      }
      loss += Math.log(sum) - logits[row][((ClassTargets) rows.targets()).labels()[row]];
    }
    return loss / logits.length;
  }

  private float[] gaussian(int size, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private EncodedRows rows() {
    List<Encoding> encodings = new ArrayList<>();
    int[] labels = new int[5];
    for (int row = 0; row < labels.length; row++) {
      long[] ids = random.longs(2 + row, 2, TestingBackbone.WORDS).toArray();
      encodings.add(new Encoding(ids, new long[ids.length], false));
      labels[row] = random.nextInt(LABELS);
    }
    return new EncodedRows(encodings, labels);
  }
}
