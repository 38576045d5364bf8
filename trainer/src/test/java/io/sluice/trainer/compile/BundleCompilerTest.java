package io.sluice.trainer.compile;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Digest;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BottleneckParallel;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.ForwardSession;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.LowRank;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.ScaleShift;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BundleCompilerTest {
  private static final long SEED = 12;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final LinearHead head = new LinearHead(Pooling.MEAN, 2);
  private final AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
  private final List<Candidate> structure =
      List.of(
          new Candidate(2, new BottleneckSequential(3)),
          new Candidate(2, new BottleneckParallel(2)),
          new Candidate(2, new BottleneckSequential(2)),
          new Candidate(2, new LowRank(1)),
          new Candidate(2, new LowRank(2)),
          new Candidate(2, new BottleneckParallel(1)),
          new Candidate(2, new ScaleShift()),
          new Candidate(3, new BottleneckSequential(4)));
  private final ParameterLayout layout = graphs.layout(structure);
  private final List<Encoding> rows = List.of(row(3, 7, 9), row(12, 30));

  @Test
  void compile_severalCandidatesAtAPoint_areOneSubgraphOfOneAdapterAKindThatAnswersAsTrained() {
    float[] values = values();
    AdapterBundle bundle = compile(values, logits(values));
    assertThat(bundle.points()).containsOnlyKeys(2, 3);
    assertThat(structure(bundle))
        .containsExactly(
            "2 bottleneck_sequential 5 of 93",
            "2 bottleneck_parallel 3 of 59",
            "2 low_rank 3 of 48",
            "2 scale_shift 0 of 16",
            "3 bottleneck_sequential 4 of 76");
    Graph point = requireNonNull(bundle.points().get(2));
    assertThat(point.nodes()).filteredOn(node -> node.is("MatMul")).hasSize(6);
    assertThat(point.nodes()).noneMatch(node -> node.is("Concat") || node.is("Sum"));
    assertThat(bundle.manifest().temperature()).isEqualTo(1.5);
    assertThat(bundle.manifest().threshold()).isEqualTo(0.4);
    assertThat(compile(values, logits(values)).digest()).isEqualTo(bundle.digest());
  }

  @Test
  void compile_unitsAndAdaptersWithoutEffect_areGone() {
    float[] values = values();
    clear(values, 0, "up", 8, 16); // one of three units
    clear(values, 5, "up", 0, 8);
    clear(values, 5, "up_bias", 0, 8); // all that comes out of this one
    clear(values, 6, "scale", 0, 8);
    clear(values, 6, "shift", 0, 8);
    clear(values, 7, "up", 0, 32); // leaves its bias
    AdapterBundle bundle = compile(values, logits(values));
    assertThat(structure(bundle))
        .containsExactly(
            "2 bottleneck_sequential 4 of 76",
            "2 bottleneck_parallel 2 of 42",
            "2 low_rank 3 of 48",
            "3 bottleneck_sequential 1 of 25");
  }

  @Test
  void compile_nothingWithEffect_isAHeadOnly() {
    float[] values = values();
    Arrays.fill(values, 0, values.length - 18, 0);
    assertThat(compile(values, logits(values)).points()).isEmpty();
  }

  private void clear(float[] values, int owner, String name, int from, int to) {
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.owner() == owner && slot.spec().name().equals(name)) {
        Arrays.fill(values, slot.offset() + from, slot.offset() + to, 0);
      }
    }
  }

  private static List<String> structure(AdapterBundle bundle) {
    return bundle.manifest().structure().stream()
        .map(e -> e.point() + " " + e.kind() + " " + e.rank() + " of " + e.parameters())
        .toList();
  }

  @Test
  void compile_logitsThatAreNotTheBundles_isRefused() {
    float[] values = values();
    float[][] logits = logits(values);
    logits[1][0] += (float) (2 * TrainingParity.MOST);
    assertThatThrownBy(() -> compile(values, logits))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("its logits differ by")
        .hasMessageContaining("from those of the graph that was trained");
  }

  @Test
  void compile_logitsOffByLess_promisesWhatTheCompiledGraphsAnswer() {
    float[] values = values();
    float[][] logits = logits(values);
    logits[1][0] += (float) (0.5 * TrainingParity.MOST);
    AdapterBundle bundle = compile(values, logits);
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      assertThat(ProbeCheck.run(sessions, bundle, runtime).error()).isLessThan(1e-6);
    }
    assertThat(bundle.digest()).isEqualTo(compile(values, logits(values)).digest());
  }

  private AdapterBundle compile(float[] values, float[][] logits) {
    Provenance provenance =
        Provenance.here(
            Digest.of(new byte[] {1}), SEED, Map.of("steps", "1"), Map.of("sluice", "test"));
    TrainedTask task =
        new TrainedTask(
            backbone,
            structure,
            head,
            layout,
            values,
            TaskKind.CLASSIFY,
            List.of("no", "yes"),
            new Decision(1.5, 0.4),
            List.of("text"),
            16,
            Map.of("dev_accuracy", 0.5),
            provenance);
    return new BundleCompiler(runtime).compile(task, rows, logits);
  }

  private float[][] logits(float[] values) {
    try (ForwardSession forward =
        new ForwardSession(runtime, graphs.forward(structure), layout.size())) {
      return forward.logits(new EncodedRows(rows, new int[2]), values);
    }
  }

  private float[] values() {
    Random random = new Random(SEED);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 * random.nextGaussian());
    }
    return values;
  }

  private static Encoding row(long... ids) {
    return new Encoding(ids, new long[ids.length], false);
  }
}
