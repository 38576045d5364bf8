package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.testing.ProcessMemory;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class FlatMemoryTest {
  private static final Logger LOG = LoggerFactory.getLogger(FlatMemoryTest.class);
  private static final long SEED = 3;
  private static final int LABELS = 2;
  private static final int WARM_UP = 2_000;
  private static final int STEPS = 10_000;

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  /**
   * Batches of all shapes, above a trunk that finds no room, so that nothing comes from a cache.
   */
  @Test
  void step_tenThousandTimes_neitherHeapNorProcessGrows() {
    assumeTrue(ProcessMemory.known(), "/proc/self/status is not there");
    Backbone backbone = TestingBackbone.make();
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.MEAN, LABELS));
    List<Candidate> candidates =
        SearchSpace.of(List.of(2, 3, 4), List.of(new BottleneckSequential(3))).candidates();
    ParameterLayout layout = graphs.layout(candidates);
    float[] values = layout.start(SEED);
    float[] gates = {1, 1, 1};
    float[] gradients = new float[values.length];
    EncodedRows rows = rows();
    int handles = runtime.openHandles();
    try (TrunkCache trunk =
            new TrunkCache(runtime, backbone, Precision.FP32, 2, TrunkLimits.none());
        TrainingSession session =
            new TrainingSession(
                runtime,
                graphs.training(candidates, true, 2),
                layout.size(),
                gates.length,
                Regularisation.none(backbone.hiddenSize(), LABELS),
                trunk)) {
      BatchPlan plan = new BatchPlan(rows.lengths(), 4, SEED);
      int inUse = runtime.openHandles();
      long processBytes = 0;
      long heapBytes = 0;
      for (int step = 0; step < WARM_UP + STEPS; step++) {
        if (step == WARM_UP) {
          heapBytes = ProcessMemory.heapBytes();
          processBytes = ProcessMemory.residentBytes();
        }
        session.step(step, rows, plan.rows(step), values, gates);
        session.gradients(gradients);
      }
      assertThat(runtime.openHandles()).isEqualTo(inUse);
      long heapGrowth = ProcessMemory.heapBytes() - heapBytes;
      long growth = ProcessMemory.residentBytes() - processBytes;
      LOG.info("{} steps: process {} KiB, heap {} KiB", STEPS, growth >> 10, heapGrowth >> 10);
      assertThat(heapGrowth).as("heap growth, bytes").isLessThan(2L << 20);
      // A leak of 4 KiB a step would be 40 MiB; the JVM's own threads and code take a few.
      assertThat(growth).as("process growth, bytes").isLessThan(24L << 20);
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  private static EncodedRows rows() {
    Random random = new Random(SEED);
    List<Encoding> encodings =
        IntStream.range(0, 64)
            .mapToObj(i -> random.longs(2 + random.nextInt(40), 2, TestingBackbone.WORDS).toArray())
            .map(ids -> new Encoding(ids, new long[ids.length], false))
            .toList();
    int[] labels = new int[encodings.size()];
    Arrays.setAll(labels, i -> i % LABELS);
    return new EncodedRows(encodings, labels);
  }
}
