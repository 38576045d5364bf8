package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.testing.NothingLeftOpen;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NothingLeftOpen.class)
class TrunkCacheTest {
  private static final long SEED = 31;
  private static final int LABELS = 3;
  private static final TrunkLimits DISK_ONLY = new TrunkLimits(0, 1L << 30);

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void step_aboveTheTrunk_equalsTheWholeGraph(int lowest) {
    Backbone backbone = TestingBackbone.make();
    for (Pooling pooling : List.of(Pooling.FIRST, Pooling.MEAN)) {
      double difference = difference(backbone, lowest, TestingBackbone.WORDS, pooling);
      assertThat(difference).as("seed %d, %s", SEED, pooling).isLessThan(1e-6);
    }
  }

  @Test
  void step_aboveTheTrunkOfTheEmbeddedEncoder_equalsTheWholeGraph() {
    Backbone backbone = SluiceMini.load();
    double difference = difference(backbone, backbone.points() * 3 / 4 + 1, 4000, Pooling.MEAN);
    assertThat(difference).as("seed %d", SEED).isLessThan(3e-5);
  }

  /** What makes results independent of the limits and of the order in which rows are asked for. */
  @Test
  void tensor_anyCompanyAndAnyLimit_isBitForBitTheSame() {
    Backbone backbone = SluiceMini.load();
    EncodedRows rows = rows(12, 4000);
    int[] all = IntStream.range(0, rows.size()).toArray();
    int boundary = backbone.points() * 3 / 8;
    float[][] expected = new float[rows.size()][];
    try (TrunkCache alone =
        new TrunkCache(runtime, backbone, Precision.FP32, boundary, TrunkLimits.none())) {
      for (int row : all) {
        expected[row] = values(alone, rows, row);
      }
    }
    for (TrunkLimits limits : List.of(TrunkLimits.defaults(), DISK_ONLY, TrunkLimits.none())) {
      try (TrunkCache cache = new TrunkCache(runtime, backbone, Precision.FP32, boundary, limits)) {
        int longest = Arrays.stream(rows.lengths()).max().orElseThrow();
        float[] together = values(cache, rows, all, longest);
        int width = longest * backbone.hiddenSize();
        for (int row : all) {
          float[] got = Arrays.copyOfRange(together, row * width, (row + 1) * width);
          float[] padded = Arrays.copyOf(expected[row], width);
          assertThat(got).as("seed %d %s", SEED, limits).isEqualTo(padded);
          assertThat(values(cache, rows, row)).isEqualTo(expected[row]);
        }
      }
    }
  }

  @Test
  void ensure_roomForAll_computesEachRowOnce() {
    Backbone backbone = TestingBackbone.make();
    EncodedRows rows = rows(40, TestingBackbone.WORDS);
    int[] all = IntStream.range(0, rows.size()).toArray();
    for (TrunkLimits limits : List.of(TrunkLimits.defaults(), DISK_ONLY)) {
      try (TrunkCache cache = new TrunkCache(runtime, backbone, Precision.FP32, 2, limits)) {
        cache.ensure(rows, new int[] {3, 4, 3});
        assertThat(cache.rowsComputed()).isEqualTo(2);
        cache.ensure(rows, all);
        cache.ensure(rows, all);
        values(cache, rows, all, 64);
        assertThat(cache.rowsComputed()).isEqualTo(rows.size());
        assertThat(cache.keptBytes()).isPositive();
      }
    }
  }

  @Test
  void ensure_noRoom_computesNothingAheadAndEachRowWhenAsked() {
    Backbone backbone = TestingBackbone.make();
    EncodedRows rows = rows(5, TestingBackbone.WORDS);
    try (TrunkCache cache =
        new TrunkCache(runtime, backbone, Precision.FP32, 2, TrunkLimits.none())) {
      values(cache, rows, 1);
      values(cache, rows, 1);
      assertThat(cache.rowsComputed()).isEqualTo(2);
      cache.ensure(rows, new int[] {1, 2});
      assertThat(cache.rowsComputed()).isEqualTo(2);
      assertThat(cache.keptBytes()).isZero();
    }
  }

  @Test
  void training_boundaryAboveACandidate_isRefused() {
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, TestingBackbone.make(), new LinearHead(Pooling.FIRST, LABELS));
    List<Candidate> candidates = List.of(new Candidate(2, new BottleneckSequential(3)));
    assertThat(graphs.trunkDepth(candidates)).isEqualTo(2);
    assertThatThrownBy(() -> graphs.training(candidates, false, 3))
        .hasMessage("boundary: 3 (expected: 0..2, below all candidates)");
  }

  /** Largest difference of loss, gradients or logits, relative to the largest of each. */
  private double difference(Backbone backbone, int lowest, int words, Pooling pooling) {
    List<Integer> points = IntStream.rangeClosed(lowest, backbone.points()).boxed().toList();
    List<Candidate> candidates =
        SearchSpace.of(points, List.of(new BottleneckSequential(3))).candidates();
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, new LinearHead(pooling, LABELS));
    ParameterLayout layout = graphs.layout(candidates);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    EncodedRows rows = rows(7, words);
    int[] batch = {5, 1, 4, 2, 6};
    int boundary = graphs.trunkDepth(candidates);
    assertThat(boundary).isEqualTo(lowest);
    try (TrunkCache trunk =
            new TrunkCache(runtime, backbone, Precision.FP32, boundary, TrunkLimits.defaults());
        TrainingSession whole =
            new TrainingSession(
                runtime,
                graphs.training(candidates, false),
                layout.size(),
                0,
                Regularisation.none(backbone.hiddenSize(), LABELS));
        TrainingSession above =
            new TrainingSession(
                runtime,
                graphs.training(candidates, false, boundary),
                layout.size(),
                0,
                Regularisation.none(backbone.hiddenSize(), LABELS),
                trunk);
        ForwardSession forward =
            new ForwardSession(runtime, graphs.forward(candidates), layout.size());
        ForwardSession forwardAbove =
            new ForwardSession(
                runtime, graphs.forward(candidates, boundary), layout.size(), trunk)) {
      double loss = whole.step(0, rows, batch, values, new float[0]);
      double lossAbove = above.step(0, rows, batch, values, new float[0]);
      float[] gradients = new float[layout.size()];
      float[] gradientsAbove = new float[layout.size()];
      whole.gradients(gradients);
      above.gradients(gradientsAbove);
      float[] logits = flat(forward.logits(rows, values));
      float[] logitsAbove = flat(forwardAbove.logits(rows, values));
      return Math.max(
          Math.abs(loss - lossAbove) / loss,
          Math.max(relative(gradients, gradientsAbove), relative(logits, logitsAbove)));
    }
  }

  private static float[] flat(float[][] rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * rows[i].length, rows[i].length);
    }
    return all;
  }

  private static double relative(float[] expected, float[] found) {
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(expected[i] - found[i]));
    }
    return worst / largest;
  }

  private static float[] values(TrunkCache cache, EncodedRows rows, int row) {
    return values(cache, rows, new int[] {row}, rows.lengths()[row]);
  }

  private static float[] values(TrunkCache cache, EncodedRows all, int[] rows, int longest) {
    try (HostTensor tensor = (HostTensor) cache.tensor(all, rows, longest)) {
      return tensor.toData().toFloats();
    }
  }

  private EncodedRows rows(int count, int words) {
    List<Encoding> encodings = new ArrayList<>();
    int[] labels = new int[count];
    for (int row = 0; row < count; row++) {
      long[] ids = random.longs(2 + random.nextInt(14), 2, words).toArray();
      encodings.add(new Encoding(ids, new long[ids.length], false));
      labels[row] = random.nextInt(LABELS);
    }
    return new EncodedRows(encodings, labels);
  }
}
