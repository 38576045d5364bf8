package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.Method;
import io.sluice.trainer.ProgressListener;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Training through a backbone in 8 bits. */
@Timeout(120)
class RoundedBackboneTest {
  private static final int LABELS = 3;
  private static final int ROWS = 8;
  private static final long SEED = 11;
  private static final AdapterKind KIND = new BottleneckSequential(4);

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = SluiceMini.load();
  private final int points = backbone.points();
  private final AdaptedGraphs plain =
      new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.FIRST, LABELS));
  private final AdaptedGraphs rounded = plain.withPrecision(Precision.INT8);

  @Test
  void training_int8_roundsWhatGoesForwardAndNothingElse() {
    List<Candidate> candidates =
        List.of(new Candidate(points / 5 + 1, KIND), new Candidate(points * 5 / 6, KIND));
    // Attention has two products without a weight in each layer: one a point.
    long linears = count(backbone.whole(), "MatMul") - points;
    Graph training = rounded.training(candidates, false);
    assertThat(count(training, "MatMulIntegerToFloat"))
        .isEqualTo(count(rounded.forward(candidates), "MatMulIntegerToFloat"))
        .isEqualTo(linears);
    Graph exact = plain.training(candidates, false);
    assertThat(count(training, "MatMul") + count(training, "FusedMatMul"))
        .isEqualTo(count(exact, "MatMul") + count(exact, "FusedMatMul") - linears);
  }

  /** Above the highest rounding the gradient is exact; the oracle is central differences. */
  @Test
  void gradients_adapterAboveAllThatIsRounded_areThoseOfTheRoundedLoss() {
    System.out.println("seed " + SEED);
    List<Candidate> candidates = List.of(new Candidate(points, KIND));
    ParameterLayout layout = rounded.layout(candidates);
    Random random = new Random(SEED);
    float[] values = layout.start(1);
    float[] direction = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.05 * random.nextGaussian());
      direction[i] = (float) random.nextGaussian();
    }
    EncodedRows rows = new EncodedRows(encodings(random), labels());
    int[] batch = IntStream.range(0, ROWS).toArray();
    Graph graph = rounded.training(candidates, false);
    Regularisation none = Regularisation.none(backbone.hiddenSize(), LABELS);
    try (TrainingSession session = new TrainingSession(runtime, graph, layout.size(), 0, none)) {
      session.step(0, rows, batch, values, new float[0]);
      float[] gradients = new float[layout.size()];
      session.gradients(gradients);
      double along = 0;
      for (int i = 0; i < gradients.length; i++) {
        along += gradients[i] * direction[i];
      }
      float step = 1e-3f;
      double above = session.step(0, rows, batch, moved(values, direction, step), new float[0]);
      double below = session.step(0, rows, batch, moved(values, direction, -step), new float[0]);
      assertThat(along).isCloseTo((above - below) / (2 * step), within(0.01 * Math.abs(along)));
      assertThat(Math.abs(along)).isGreaterThan(1e-2);
    }
  }

  @Test
  void train_int8_givesABundleThatSaysSoAndPassesItsProbe() {
    TrainSettings settings = settings(Precision.INT8);
    AdapterBundle bundle =
        new Trainer(runtime)
            .train(backbone, rows(48), rows(16), settings, ProgressListener.SILENT)
            .bundle();
    assertThat(bundle.manifest().precision()).isEqualTo(Precision.INT8);
    assertThat(bundle.points()).isNotEmpty();
    AdapterBundle exact =
        new Trainer(runtime)
            .train(backbone, rows(48), rows(16), settings(Precision.FP32), ProgressListener.SILENT)
            .bundle();
    assertThat(exact.manifest().precision()).isEqualTo(Precision.FP32);
    assertThat(exact.manifest().provenance().hyperParameters())
        .doesNotContainKey("backbone_precision");
  }

  @Test
  void tuneAll_int8_isRefused() {
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .tuneAll(
                        backbone,
                        rows(8),
                        rows(8),
                        settings(Precision.INT8),
                        ProgressListener.SILENT))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("backbone-precision: INT8 (expected: FP32");
  }

  private static TrainSettings settings(Precision precision) {
    return TrainSettings.defaults().toBuilder()
        .search(search -> search.method(Method.FIXED))
        .schedule(schedule -> schedule.steps(20))
        .optimizer(optimizer -> optimizer.batchSize(8))
        .task(task -> task.maxTokens(16).pooling(Pooling.FIRST).precision(precision))
        .build();
  }

  private static Dataset rows(int count) {
    List<Example> examples = new ArrayList<>();
    String[] good = {"what a fine day", "lovely food and kind people", "I would come again"};
    String[] bad = {"a waste of money", "cold soup and rude staff", "never again, sorry"};
    for (int row = 0; row < count; row++) {
      String text = (row % 2 == 0 ? good : bad)[row / 2 % 3] + " no " + row;
      examples.add(new Example(text, null, row % 2 == 0 ? "good" : "bad", row + 1));
    }
    return new Dataset("rows", List.of("text"), examples);
  }

  private static float[] moved(float[] values, float[] direction, float step) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    return moved;
  }

  private static int[] labels() {
    return IntStream.range(0, ROWS).map(row -> row % LABELS).toArray();
  }

  private static List<Encoding> encodings(Random random) {
    return IntStream.range(0, ROWS)
        .mapToObj(row -> random.longs(5 + row, 5, 4000).toArray())
        .map(ids -> new Encoding(ids, new long[ids.length], false))
        .toList();
  }

  private static long count(Graph graph, String operator) {
    return graph.nodes().stream().filter(node -> node.op().equals(operator)).count();
  }
}
