package io.sluice.loadtest.floor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.ActivationOutcome;
import io.sluice.loadtest.TextsOfLength;
import io.sluice.loadtest.bundle.PerturbedBundles;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.loadtest.bundle.RandomEncoder;
import io.sluice.loadtest.testing.TestingServer;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.registry.probe.ProbeReport;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The peers on the embedded encoder, against the reference execution of bundles. */
@Timeout(120)
class PeersTest {
  private static final int TOKENS = 16;

  private static OnnxRuntime runtime;
  private static int handlesBefore;
  private static Backbone backbone;
  private static BackboneSessions sessions;
  private static BackboneTokenizer tokenizer;
  private static AdapterBundle bundle;

  @BeforeAll
  static void open() {
    runtime = OnnxRuntime.shared();
    handlesBefore = runtime.openHandles();
    backbone = SluiceMini.load();
    sessions = BackboneSessions.open(backbone, runtime);
    tokenizer = new BackboneTokenizer(backbone);
    bundle = RandomBundle.upperHalf(sessions, runtime, 3);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
    sessions.close();
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  @Test
  void textsOfLength_anyLength_areDistinctAndExact() {
    List<TextPair> texts = TextsOfLength.of(tokenizer, 32, 50, 1);
    assertThat(texts).doesNotHaveDuplicates().hasSize(50);
    assertThat(tokenizer.encode(texts, 128)).allMatch(row -> row.length() == 32);
    assertThat(TextsOfLength.of(tokenizer, 32, 50, 1)).isEqualTo(texts);
    assertThatThrownBy(() -> TextsOfLength.of(tokenizer, 2, 1, 1)).hasMessageContaining("tokens");
  }

  @Test
  void plainModel_untouchedAndAdapted_equalTheReference() {
    List<Encoding> rows = tokenizer.encode(TextsOfLength.of(tokenizer, TOKENS, 3, 5), 128);
    try (BundleForward forward = new BundleForward(sessions, bundle, runtime)) {
      requireEqual(MergedGraph.adapted(backbone, bundle), rows, forward.logits(rows));
      requireEqual(
          MergedGraph.untouched(backbone, bundle), rows, forward.logitsWithoutAdapters(rows));
    }
  }

  /** Its tensors have the very names that a builder gives: those of the adapters' too. */
  @Test
  void plainModel_ofRandomEncoder_equalsTheReference() {
    Backbone random = RandomEncoder.of("random:2x32", runtime);
    try (BackboneTokenizer words = new BackboneTokenizer(random);
        BackboneSessions cut = BackboneSessions.open(random, runtime)) {
      AdapterBundle everywhere = RandomBundle.of(cut, runtime, List.of(1, 2, 3, 4), 4, 3);
      List<Encoding> rows = words.encode(TextsOfLength.of(words, TOKENS, 3, 5), 128);
      try (BundleForward forward = new BundleForward(cut, everywhere, runtime)) {
        requireEqual(MergedGraph.adapted(random, everywhere), rows, forward.logits(rows));
        requireEqual(
            MergedGraph.untouched(random, everywhere), rows, forward.logitsWithoutAdapters(rows));
      }
    }
  }

  @Test
  void randomBundle_sameSeed_isTheSameAndPassesItsProbe() {
    assertThat(RandomBundle.upperHalf(sessions, runtime, 3).digest()).isEqualTo(bundle.digest());
    assertThat(RandomBundle.upperHalf(sessions, runtime, 4).digest()).isNotEqualTo(bundle.digest());
    assertThat(bundle.points()).hasSize(backbone.points() / 2);
    ProbeReport report = ProbeCheck.run(sessions, bundle, runtime);
    assertThat(report.effect()).isGreaterThan(1e-3);
  }

  @Test
  void perturbedBundles_manySeeds_differInWeightsOnlyAndPassTheirProbes() {
    PerturbedBundles bundles = new PerturbedBundles(bundle, sessions, runtime);
    Set<String> digests = new HashSet<>();
    for (int seed = 0; seed < 3; seed++) {
      AdapterBundle made = bundles.bundle(seed);
      digests.add(made.digest().hex());
      assertThat(made.manifest().structure()).isEqualTo(bundle.manifest().structure());
      assertThat(made.points().keySet()).isEqualTo(bundle.points().keySet());
      assertThat(ProbeCheck.run(sessions, made, runtime).error()).isLessThan(1e-5);
    }
    assertThat(digests).hasSize(3).doesNotContain(bundle.digest().hex());
    assertThat(bundles.bundle(1).digest().hex()).isIn(digests);
  }

  @Test
  void memoryCheck_someCounts_registersEachTaskOnce() {
    List<String> registered = new ArrayList<>();
    MemoryCheck check =
        new MemoryCheck(
            new PerturbedBundles(bundle, sessions, runtime),
            (task, sent) -> {
              registered.add(task + " " + sent.digest());
              return new ActivationOutcome(sent.digest(), registered.size(), 0, 1000);
            },
            ProcessHandle.current().pid());
    List<MemoryReport.Step> steps = check.run(List.of(1, 4), note -> {});
    assertThat(registered).hasSize(4).doesNotHaveDuplicates();
    assertThat(steps).extracting(MemoryReport.Step::tasks).containsExactly(0, 1, 4);
    assertThat(steps)
        .extracting(MemoryReport.Step::reportedBytes)
        .containsExactly(0L, 1000L, 4000L);
    assertThat(steps).allMatch(step -> step.residentBytes() > 1 << 20);
  }

  @Test
  void floorBenchmark_standInServer_measuresEverySeries() throws Exception {
    try (TestingServer server = new TestingServer()) {
      server.answerAs(bundle.digest());
      List<String> notes = new ArrayList<>();
      FloorReport report =
          new FloorBenchmark(backbone, bundle, runtime, server.target(), "task")
              .run(new FloorSettings(2, Duration.ofMillis(30), 1), notes::add);
      assertThat(notes).hasSize(4);
      assertThat(report.failures()).isEmpty();
      assertThat(report.measurements()).hasSize(Series.values().length);
      for (Measurement one : report.measurements()) {
        assertThat(one.repeats()).as("%s", one.series()).hasSize(2).allMatch(value -> value > 0);
        assertThat(one.latencies().count()).as("%s", one.series()).isPositive();
      }
      assertThat(report.ratios()).hasSize(FloorReport.COMPARISONS.size());
      assertThat(report.stages().rest().count()).isPositive();
      assertThat(server.requests()).isPositive();
    }
  }

  private static void requireEqual(Graph graph, List<Encoding> rows, float[][] expected) {
    int labels = expected[0].length;
    try (PlainModel model = new PlainModel(runtime, graph, labels)) {
      PlainModel.Shape shape = model.shape(rows.size(), TOKENS);
      FloatBuffer logits = shape.run(rows);
      int[] best = shape.labels(rows);
      for (int row = 0; row < rows.size(); row++) {
        for (int label = 0; label < labels; label++) {
          assertThat(logits.get(row * labels + label))
              .isCloseTo(expected[row][label], within(1e-4f));
        }
        assertThat(expected[row][best[row]]).isEqualTo(max(expected[row]));
      }
    }
  }

  private static float max(float[] values) {
    float max = values[0];
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }
}
