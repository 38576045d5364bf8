package io.sluice.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.bundle.RandomEncoder;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.model.TrunkCache;
import io.sluice.trainer.model.TrunkLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** A trunk whose rows are kept beside the Java heap, as they are on a GPU. */
@NullMarked
class TrunkOnDeviceMemoryTest {
  private static final OnnxRuntime HOST = OnnxRuntime.shared();
  private static final long SEED = 4;
  private static final int LABELS = 3;

  @Test
  void steps_aboveATrunkInDeviceMemory_areTheSameToTheBit() {
    Backbone backbone = RandomEncoder.of("random:2x32", HOST);
    EncodedRows rows = rows(9);
    List<float[]> expected = gradients(HOST, backbone, rows);
    List<float[]> found = gradients(HOST.onDeviceMemory(), backbone, rows);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).as("step %d", i).isEqualTo(expected.get(i));
    }
  }

  private static List<float[]> gradients(OnnxRuntime runtime, Backbone backbone, EncodedRows rows) {
    List<Candidate> candidates =
        SearchSpace.of(List.of(3, 4), List.of(new BottleneckSequential(2))).candidates();
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.MEAN, LABELS));
    ParameterLayout layout = graphs.layout(candidates);
    int boundary = graphs.trunkDepth(candidates);
    List<float[]> gradients = new ArrayList<>();
    try (TrunkCache trunk =
            new TrunkCache(runtime, backbone, Precision.FP32, boundary, TrunkLimits.defaults());
        TrainingSession session =
            new TrainingSession(
                runtime,
                graphs.training(candidates, false, boundary),
                layout.size(),
                0,
                Regularisation.none(backbone.hiddenSize(), LABELS),
                trunk)) {
      float[] values = layout.start(SEED);
      trunk.ensure(rows, new int[] {1, 2});
      int[][] batches = {{0, 1, 2}, {8, 7}, {2, 1, 0, 2, 5}, {7, 8}, {1, 0}, {2, 8}, {0, 1}};
      for (int i = 0; i < batches.length; i++) {
        assertThat(session.expects()).isEqualTo(!runtime.memory().isHost());
        // Some are prepared, some are not there yet, and one is another than was said.
        session.expect(rows, i == 4 ? batches[0] : batches[(i + 1) % batches.length]);
        session.step(0, rows, batches[i], values, new float[0]);
        float[] made = new float[layout.size()];
        session.gradients(made);
        gradients.add(made);
      }
      assertThat(trunk.keptBytes()).isPositive();
      assertThat(trunk.rowsComputed()).isEqualTo(6);
    }
    return gradients;
  }

  private static EncodedRows rows(int count) {
    Random random = new Random(SEED);
    List<Encoding> encodings = new ArrayList<>();
    int[] labels = new int[count];
    for (int row = 0; row < count; row++) {
      long[] ids = random.longs(3 + row % 4, 5, 100).toArray();
      encodings.add(new Encoding(ids, new long[ids.length], false));
      labels[row] = random.nextInt(LABELS);
    }
    return new EncodedRows(encodings, labels);
  }
}
