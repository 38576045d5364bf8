package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.testing.TestingAdapters;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StructureTest {
  private static final int HIDDEN = 8;

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @Test
  void of_otherWeights_isTheSameStructure() {
    Structure.Parts first = Structure.of(TestingAdapters.sequential(HIDDEN, 4, 1, new Random(1)));
    Structure.Parts second = Structure.of(TestingAdapters.sequential(HIDDEN, 4, 1, new Random(2)));
    assertThat(first.structure().key()).isEqualTo(second.structure().key());
    assertThat(first.weights()).hasSize(4).isNotEqualTo(second.weights());
    assertThat(first.structure().dataNames()).containsExactly("block_output");
  }

  @Test
  void of_otherNames_isTheSameStructure() {
    assertThat(Structure.of(doubling("x", "weight")).structure().key())
        .isEqualTo(Structure.of(doubling("y", "other")).structure().key());
  }

  @Test
  void of_otherRankKindOrConstant_isAnotherStructure() {
    Random random = new Random(1);
    assertThat(
            Stream.of(
                    TestingAdapters.sequential(HIDDEN, 4, 1, random),
                    TestingAdapters.sequential(HIDDEN, 8, 1, random),
                    TestingAdapters.parallel(HIDDEN, 4, 1, random),
                    TestingAdapters.scaleShift(HIDDEN, 1, random),
                    TestingAdapters.linearHead(HIDDEN, 2, Pooling.FIRST, random),
                    TestingAdapters.linearHead(HIDDEN, 3, Pooling.FIRST, random),
                    TestingAdapters.linearHead(HIDDEN, 2, Pooling.MEAN, random))
                .map(graph -> Structure.of(graph).structure().key()))
        .doesNotHaveDuplicates();
  }

  @Test
  void acquire_evictedUnderARun_isClosedAfterIt() {
    int handles = runtime.openHandles();
    try (StructureCache cache = new StructureCache(runtime, SessionSettings.oneOfMany(), 0)) {
      Structure structure =
          Structure.of(TestingAdapters.sequential(HIDDEN, 4, 1, new Random(1))).structure();
      CompiledGraph inUse = cache.acquire(structure);
      cache
          .acquire(
              Structure.of(TestingAdapters.sequential(HIDDEN, 8, 1, new Random(1))).structure())
          .release();
      assertThat(inUse.session().inputs()).hasSize(5);
      assertThat(runtime.openHandles()).isEqualTo(handles + 1);
      inUse.release();
      assertThat(runtime.openHandles()).isEqualTo(handles);
      assertThatThrownBy(inUse::release).isInstanceOf(IllegalStateException.class);
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void acquire_again_isTheSameSession() {
    try (StructureCache cache = new StructureCache(runtime, SessionSettings.oneOfMany(), 1 << 20)) {
      Structure structure =
          Structure.of(TestingAdapters.sequential(HIDDEN, 4, 1, new Random(1))).structure();
      CompiledGraph first = cache.acquire(structure);
      CompiledGraph second = cache.acquire(structure);
      assertThat(second).isSameAs(first);
      first.release();
      second.release();
      assertThat(cache.compilations()).isEqualTo(1);
    }
  }

  private static Graph doubling(String inner, String weight) {
    GraphBuilder b = new GraphBuilder("graph of " + inner, 18);
    String input = b.input("block_output", DataType.FLOAT, "batch " + inner, "seq", HIDDEN);
    String factor = b.initializer(weight, TensorData.floats(new float[HIDDEN], HIDDEN));
    String middle = b.node("Mul", input, factor);
    b.outputAs(
        b.node("Add", middle, input),
        Value.of("adapted", DataType.FLOAT, "batch " + inner, "seq", HIDDEN));
    return b.build();
  }
}
