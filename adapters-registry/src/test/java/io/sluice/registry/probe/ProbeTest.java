package io.sluice.registry.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BackboneMismatchException;
import io.sluice.registry.bundle.BundleCorruptException;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Running a bundle block by block against the same bundle spliced into the uncut model. */
class ProbeTest {
  private static final OnnxRuntime RUNTIME = OnnxRuntime.shared();
  private static final double SAME = 1e-5;

  private static Backbone backbone = SluiceMini.load();
  private static BackboneSessions sessions = BackboneSessions.open(backbone, RUNTIME);
  private static List<Encoding> rows = List.of();

  @BeforeAll
  static void tokenize() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      rows =
          tokenizer.encode(
              List.of(
                  new TextPair("the plot was thin but the music made up for it", null),
                  new TextPair("dull", null),
                  new TextPair("who wrote the letter?", "the letter was written by her uncle")),
              64);
    }
  }

  @AfterAll
  static void close() {
    sessions.close();
    assertThat(RUNTIME.openHandles()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void logits_ofAdaptersOfAllKinds_equalTheSplicedModel(Pooling pooling) {
    TestingBundles bundles = adapted(backbone);
    AdapterBundle bundle =
        (pooling == Pooling.NONE ? bundles.kind(TaskKind.ANSWER_SPAN) : bundles.pooling(pooling))
            .build();
    requireEqualToSpliced(backbone, sessions, bundle, rows);
  }

  @ParameterizedTest
  @MethodSource("zoo")
  void logits_onAnyBackbone_equalTheSplicedModel(Path model) {
    Backbone imported;
    try {
      imported =
          BackboneImporter.cut(
              String.valueOf(model.getFileName()),
              OnnxFormat.read(model),
              backbone.tokenizerJson(),
              RUNTIME);
    } catch (SluiceException e) {
      Assumptions.abort(model + " is refused by the importer: " + e.getMessage());
      return;
    }
    Assumptions.assumeTrue(
        imported.whole().opset() >= 13, model + " is of an opset the adapters are not for");
    try (BackboneSessions opened = BackboneSessions.open(imported, RUNTIME)) {
      List<Encoding> ids =
          List.of(
              new Encoding(new long[] {5, 6, 7, 8, 9, 10}, new long[6], false),
              new Encoding(new long[] {11, 12, 13}, new long[3], false));
      requireEqualToSpliced(imported, opened, adapted(imported).build(), ids);
    }
  }

  static Stream<Path> zoo() throws IOException {
    for (String root : List.of("../shared/zoo", "../../shared/zoo")) {
      if (Files.isDirectory(Path.of(root))) {
        try (Stream<Path> files = Files.list(Path.of(root))) {
          return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList().stream();
        }
      }
    }
    return Assumptions.abort("shared/zoo is not beside this checkout");
  }

  @Test
  void run_honestBundle_passesAndMeasures() {
    AdapterBundle bundle = adapted(backbone).build(sessions, RUNTIME, rows);
    ProbeReport report = ProbeCheck.run(sessions, bundle, RUNTIME);
    assertThat(report.error()).isLessThan(SAME);
    assertThat(report.effect()).isGreaterThan(1e-3);
    assertThat(report.mixing()).isLessThan(ProbeCheck.TOLERANCE);
  }

  @Test
  void run_headOnly_needsNoEffect() {
    AdapterBundle bundle = TestingBundles.on(backbone).build(sessions, RUNTIME, rows);
    assertThat(ProbeCheck.run(sessions, bundle, RUNTIME).effect()).isZero();
  }

  @Test
  void run_otherLogitsThanPromised_isRefused() {
    Probe honest = adapted(backbone).build(sessions, RUNTIME, rows).probe();
    List<float[]> logits = new ArrayList<>(honest.logits());
    logits.set(1, new float[] {logits.get(1)[0], logits.get(1)[1] + 0.01f});
    AdapterBundle bundle =
        adapted(backbone).probe(new Probe(honest.ids(), honest.typeIds(), logits)).build();
    refused(bundle, "probe: logits differ by 0.0");
  }

  @Test
  void run_adaptersWithoutEffect_isRefused() {
    AdapterBundle bundle =
        TestingBundles.on(backbone)
            .adaptAt(3, "nothing", 4, TestingAdapters.zeroEffect(backbone.hiddenSize(), 4))
            .build(sessions, RUNTIME, rows);
    refused(bundle, "its 1 adapters move no logit by more than 0.0");
  }

  @Test
  void run_adapterThatMixesRows_isRefused() {
    refused(mixing().build(sessions, RUNTIME, rows), "with the rows beside it");
  }

  @Test
  void run_adapterThatMixesRowsWithOneProbeRow_isRefused() {
    refused(mixing().build(sessions, RUNTIME, rows.subList(0, 1)), "with the rows beside it");
  }

  private static TestingBundles mixing() {
    return TestingBundles.on(backbone)
        .adaptAt(2, "mixing", 0, TestingAdapters.mixing(backbone.hiddenSize()));
  }

  @Test
  void run_adapterThatGivesNoNumbers_isRefused() {
    GraphBuilder b = new GraphBuilder("log", 18);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, backbone.hiddenSize()));
    b.outputAs(
        b.node("Log", y), AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, backbone.hiddenSize()));
    AdapterBundle bundle = TestingBundles.on(backbone).adaptAt(2, "log", 0, b.build()).build();
    refused(bundle, "logits differ by Infinity");
  }

  @Test
  void run_adapterThatDropsTokens_isRefused() {
    GraphBuilder b = new GraphBuilder("dropping", 18);
    String y = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, backbone.hiddenSize()));
    String first =
        b.node("Slice", List.of(y, b.constant(0L), b.constant(1L), b.constant(1L)), Map.of());
    b.outputAs(first, AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, backbone.hiddenSize()));
    AdapterBundle bundle = TestingBundles.on(backbone).adaptAt(2, "first", 0, b.build()).build();
    refused(bundle, "probe: cannot be computed: point 2: adapted: FLOAT (2, 1, ");
  }

  @Test
  void run_probeOfUnknownTokens_isRefused() {
    Probe unknown =
        new Probe(List.of(new long[] {1 << 30}), List.of(new long[1]), List.of(new float[2]));
    refused(TestingBundles.on(backbone).probe(unknown).build(), "probe: cannot be computed");
  }

  @Test
  void forward_onAnotherBackbone_isRefused() {
    AdapterBundle other = TestingBundles.small().build();
    assertThatThrownBy(() -> new BundleForward(sessions, other, RUNTIME))
        .isInstanceOf(BackboneMismatchException.class)
        .hasMessageContaining(backbone.digest().toString());
    AdapterBundle lying =
        TestingBundles.on(backbone.digest(), backbone.name(), backbone.points(), 8).build();
    assertThatThrownBy(() -> new BundleForward(sessions, lying, RUNTIME))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining("hidden_size: 8 (expected: " + backbone.hiddenSize());
  }

  @Test
  void logits_badRows_areRefused() {
    try (BundleForward forward =
        new BundleForward(sessions, TestingBundles.on(backbone).build(), RUNTIME)) {
      assertThatThrownBy(() -> forward.logits(List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      int tooLong = backbone.maxPositions() + 1;
      Encoding row = new Encoding(new long[tooLong], new long[tooLong], false);
      assertThatThrownBy(() -> forward.logits(List.of(row)))
          .hasMessageContaining("at most " + backbone.maxPositions());
    }
  }

  private static TestingBundles adapted(Backbone on) {
    int hidden = on.hiddenSize();
    Graph parallel = TestingAdapters.parallel(hidden, 8, 1, new Random(2));
    Graph scale = TestingAdapters.scaleShift(hidden, 1, new Random(3));
    return TestingBundles.on(on)
        .kind(TaskKind.CLASSIFY, "a", "b")
        .maxTokens(Math.min(64, on.maxPositions()))
        .adaptAt(1, 4)
        .adaptAt(2, "bottleneck_parallel", 8, parallel)
        .adaptAt(on.points(), "scale_shift", 0, scale);
  }

  private static void requireEqualToSpliced(
      Backbone on, BackboneSessions opened, AdapterBundle bundle, List<Encoding> ids) {
    PaddedBatch batch = PaddedBatch.of(ids);
    Map<String, HostTensor> inputs = new HashMap<>();
    try (BundleForward forward = new BundleForward(opened, bundle, RUNTIME);
        OnnxSession spliced =
            RUNTIME.open(SplicedModel.of(on, bundle), SessionSettings.defaults())) {
      float[][] found = forward.logits(ids);
      batch
          .inputs(on.inputNames())
          .forEach((name, value) -> inputs.put(name, HostTensor.of(RUNTIME, value)));
      List<String> outputs = AdapterAbi.headOutputs(bundle.manifest().kind());
      try (Results results = spliced.run(inputs, outputs)) {
        for (int i = 0; i < outputs.size(); i++) {
          requireClose(found, results.get(outputs.get(i)), i, outputs.size());
        }
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  /** The whole model's rows may be longer than ours by padding. */
  private static void requireClose(float[][] found, TensorData expected, int part, int parts) {
    float[] values = expected.toFloats();
    int stride = values.length / found.length;
    for (int row = 0; row < found.length; row++) {
      int length = found[row].length / parts;
      for (int i = 0; i < length; i++) {
        assertThat((double) found[row][part * length + i])
            .as("row %d, %d", row, i)
            .isCloseTo(values[row * stride + i], Offset.offset(SAME));
      }
    }
  }

  private static void refused(AdapterBundle bundle, String message) {
    assertThatThrownBy(() -> ProbeCheck.run(sessions, bundle, RUNTIME))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(message);
  }

  @Test
  void difference_largeLogits_isInUnitsOfTheLargest() {
    float[] row = {40, -80, 0.5f};
    assertThat(ProbeCheck.difference(new float[] {40, -80, 0.508f}, row))
        .isCloseTo(1e-4, within(1e-7));
    assertThat(ProbeCheck.difference(new float[] {0.3f}, new float[] {0.5f}))
        .isCloseTo(0.2, within(1e-7));
    assertThat(ProbeCheck.difference(new float[] {Float.NaN, 1}, new float[] {0, 1})).isNaN();
  }
}
