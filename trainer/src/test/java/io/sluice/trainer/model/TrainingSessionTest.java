package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.testing.NothingLeftOpen;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NothingLeftOpen.class)
class TrainingSessionTest {
  private static final long SEED = 21;
  private static final int LABELS = 3;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Random random = new Random(SEED);
  private final SearchSpace space =
      SearchSpace.of(List.of(1, 2, 4), List.of(new BottleneckSequential(3)));
  private final SearchSpace mixed =
      SearchSpace.of(
          List.of(1, 2, 4),
          List.of(
              new BottleneckSequential(3),
              new BottleneckSequential(1),
              new BottleneckParallel(2),
              new BottleneckParallel(3),
              new LowRank(1),
              new LowRank(2),
              new ScaleShift()));
  private final EncodedRows rows = rows();
  private final int[] all = {0, 1, 2, 3, 4};

  @ParameterizedTest
  @EnumSource(names = {"FIRST", "MEAN"})
  void step_anyWeightsAndGates_gradientsEqualCentralDifferences(Pooling pooling) {
    requireGradients(space, pooling);
  }

  @ParameterizedTest
  @EnumSource
  void step_oneKindInTwoRanksAtEveryPoint_gradientsEqualCentralDifferences(AdapterForm form) {
    requireGradients(
        SearchSpace.of(List.of(1, 2, 4), List.of(form.ofRank(2), form.ofRank(3))), Pooling.MEAN);
  }

  @Test
  void step_allKindsAtEveryPoint_gradientsEqualCentralDifferences() {
    requireGradients(mixed, Pooling.FIRST);
  }

  private void requireGradients(SearchSpace searched, Pooling pooling) {
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, new LinearHead(pooling, LABELS));
    ParameterLayout layout = graphs.layout(searched.candidates());
    float[] values = gaussian(layout.size(), 0.3);
    float[] gates = new float[searched.size()];
    for (int i = 0; i < gates.length; i++) {
      gates[i] = i % 3 == 1 ? 1 : 0.3f + 0.6f * random.nextFloat();
    }
    float[] gradients = new float[layout.size()];
    float[] gateGradients = new float[gates.length];
    try (TrainingSession session = session(graphs, searched)) {
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
    ParameterLayout layout = graphs.layout(mixed.candidates());
    float[] fresh = layout.start(SEED);
    float[] map = gaussian((TestingBackbone.HIDDEN + 1) * LABELS, 0.5);
    System.arraycopy(map, 0, fresh, fresh.length - map.length, map.length);
    float[] any = gaussian(layout.size(), 1);
    System.arraycopy(map, 0, any, any.length - map.length, map.length);
    float[][] features =
        PooledFeatures.compute(runtime, backbone, Precision.FP32, List.of(rows), count -> {})
            .get(0)
            .mean();
    double expected = meanCrossEntropy(features, map);
    try (TrainingSession session = session(graphs, mixed)) {
      assertThat(session.step(0, rows, all, fresh, ones())).isCloseTo(expected, within(1e-6));
      assertThat(session.step(0, rows, all, any, new float[mixed.size()]))
          .isCloseTo(expected, within(1e-6));
      assertThat(session.step(0, rows, all, any, ones())).isNotCloseTo(expected, within(1e-2));
    }
  }

  @Test
  void forward_gatesFoldedIntoWeights_equalsGatedGraph() {
    LinearHead head = new LinearHead(Pooling.FIRST, LABELS);
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
    ParameterLayout layout = graphs.layout(mixed.candidates());
    float[] values = gaussian(layout.size(), 0.5);
    float[] gates = new float[mixed.size()];
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < gates.length; i++) {
      gates[i] = i % 5 == 2 ? 0 : random.nextInt(1, 5) / 4f;
      if (gates[i] > 0) {
        kept.add(i);
      }
    }
    double gated;
    try (TrainingSession session = session(graphs, mixed)) {
      gated = session.step(0, rows, all, values, gates);
    }
    double[] folded = new double[gates.length];
    Arrays.setAll(folded, i -> gates[i]);
    layout.fold(values, folded);
    int[] indices = layout.indicesOf(kept);
    float[] survivors = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      survivors[i] = values[indices[i]];
    }
    List<Candidate> structure = kept.stream().map(mixed.candidates()::get).toList();
    try (ForwardSession forward =
        new ForwardSession(runtime, graphs.forward(structure), survivors.length)) {
      assertThat(meanCrossEntropy(forward.logits(rows, survivors))).isCloseTo(gated, within(1e-6));
    }
  }

  private float[] ones() {
    float[] ones = new float[mixed.size()];
    Arrays.fill(ones, 1);
    return ones;
  }

  private TrainingSession session(AdaptedGraphs graphs, SearchSpace searched) {
    return new TrainingSession(
        runtime,
        graphs.training(searched.candidates(), true),
        graphs.layout(searched.candidates()).size(),
        searched.size(),
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
