package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Manifests and graphs against the rules: each breach is refused and named. */
class BundleContentTest {
  private static final BundleLimits LIMITS = BundleLimits.defaults();
  private static final int HIDDEN = 8;
  private static final Value IN = AdapterAbi.hiddenStates(AdapterAbi.BLOCK_INPUT, HIDDEN);
  private static final Value OUT = AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, HIDDEN);
  private static final Value ADAPTED = AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, HIDDEN);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"max_tokens\": 64 | \"max_tokens\": 0 | max_tokens: 0 (expected: 1..1048576)",
        "\"max_tokens\": 64 | \"max_tokens\": 6.5 | max_tokens",
        "\"max_tokens\": 64 | \"max_tokens\": \"64\" | max_tokens",
        "\"max_tokens\": 64 | \"max_tokens\": null | max_tokens",
        "\"max_tokens\": 64 | \"max_tokens\": 64, \"more\": 1 | more",
        "\"max_tokens\": 64, | | max_tokens",
        "\"max_tokens\": 64 | \"max_tokens\": 64, \"max_tokens\": 64 | Duplicate",
        "\"temperature\": 1.0 | \"temperature\": NaN | NaN",
        "\"temperature\": 1.0 | \"temperature\": \"NaN\" | temperature",
        "\"temperature\": 1.0 | \"temperature\": 1e999 | temperature: Infinity (expected: a fin",
        "\"temperature\": 1.0 | \"temperature\": 0.0 | temperature: 0.0 (expected: > 0)",
        "\"accuracy\": 0.75 | \"accuracy\": 1e999 | metrics.accuracy: Infinity",
        "\"accuracy\": 0.75 | \"accuracy\": \"Infinity\" | accuracy",
        "\"accuracy\": 0.75 | \"accuracy\": null | metrics",
        "\"threshold\": null | \"threshold\": 1.5 | threshold: 1.5 (expected: 0..1)",
        "\"kind\": \"classify\" | \"kind\": \"regress\" | labels: 2 of them (expected: 1 for",
        "\"kind\": \"classify\" | \"kind\": \"CLASSIFY\" | CLASSIFY",
        "\"kind\": \"classify\" | \"kind\": 0 | kind",
        "\"pooling\": \"first\" | \"pooling\": \"none\" | pooling: NONE (expected: FIRST or MEA",
        "\"no\", | \"yes\", | labels: \"yes\" twice (expected: distinct names)",
        "\"no\", | \"\\u0000\", | labels",
        "\"text\" | \"a\", \"b\", \"c\" | text_fields: count: 3 (expected: 1..2)",
        "sha256: | md5: | expected: sha256: and 64",
        "\"hidden_size\": 8 | \"hidden_size\": 16 | (batch, seq, 16)",
        "\"backbone_points\": 4 | \"backbone_points\": 1 | structure: point: 2 (expected: 1..1)",
        "\"point\": 2 | \"point\": 3 | cost",
        "\"rank\": 2 | \"rank\": -1 | rank: -1 (expected: 0..",
        "\"kind\": \"linear\" | \"kind\": \"Linear!\" | kind: \"Linear!\" (expected: [a-z0-9_]",
        "\"trunk_blocks\": 2 | \"trunk_blocks\": 3 | the sum of structure and head",
        "\"seed\": 1 | \"seed\": 1e2 | seed",
        "\"format_version\": 1 | \"format_version\": 2 | format_version: 2 (expected: 1..1)",
      })
  void read_manifestBreaksARule_isRefused(String found, String replacement, String message) {
    byte[] bytes =
        resealed(
            entries -> {
              String json = new String(entries.get("manifest.json"), UTF_8);
              assertThat(json).contains(found);
              String changed = json.replace(found, replacement == null ? "" : replacement);
              entries.put("manifest.json", changed.getBytes(UTF_8));
            });
    assertThatThrownBy(() -> BundleReader.read(bytes, LIMITS))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((BundleCorruptException) e).entry())
        .asString()
        .matches("manifest.json|points/02.onnx");
  }

  @Test
  void read_manifestFollowedByMore_isRefused() {
    byte[] bytes =
        resealed(
            entries ->
                entries.put(
                    "manifest.json",
                    (new String(entries.get("manifest.json"), UTF_8) + "{}").getBytes(UTF_8)));
    refused(bytes, "manifest.json", "railing");
  }

  @Test
  void read_manifestIsNull_isRefused() {
    byte[] bytes = resealed(entries -> entries.put("manifest.json", "null".getBytes(UTF_8)));
    refused(bytes, "manifest.json: null (expected: an object)");
  }

  @Test
  void read_parametersMiscounted_isRefused() {
    Manifest manifest = TestingBundles.small().adaptAt(2, 2).manifest();
    PointEntry told = manifest.structure().get(0);
    PointEntry lie = new PointEntry(2, told.kind(), 2, 1, told.flopsPerToken());
    refusedWriting(
        with(manifest, lie),
        TestingAdapters.sequential(HIDDEN, 2, 1, new Random(1)),
        "structure: point 2: parameters: 1 (expected: 42, as counted in the graphs)");
    PointEntry cheap = new PointEntry(2, told.kind(), 2, told.parameters(), 1);
    refusedWriting(
        with(manifest, cheap),
        TestingAdapters.sequential(HIDDEN, 2, 1, new Random(1)),
        "cost: flops_per_token: 1 (expected: " + told.flopsPerToken());
  }

  @Test
  void read_headsOperationsMiscounted_areRefused() {
    byte[] bytes =
        resealed(
            entries -> {
              String json = new String(entries.get("manifest.json"), UTF_8);
              String lie = json.replaceFirst("\"flops_per_row\": \\d+", "\"flops_per_row\": 1");
              entries.put("manifest.json", lie.getBytes(UTF_8));
            });
    refused(bytes, "head: flops_per_row: 1 (expected: ");
  }

  @Test
  void read_structureWithoutFile_isRefused() {
    Manifest manifest = TestingBundles.small().adaptAt(2, 2).manifest();
    assertThatThrownBy(
            () ->
                BundleWriter.write(
                    manifest,
                    Map.of(),
                    TestingBundles.small().head(),
                    TestingBundles.small().build().probe(),
                    Map.of()))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining("structure: points [2] (expected: those with a file, [])");
  }

  @Test
  void write_unknownAttachment_isRefused() {
    assertThatThrownBy(() -> TestingBundles.small().attach("run.sh", "rm -rf").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("attachments: \"run.sh\" (expected: report.html or structure.svg)");
  }

  @Test
  void read_probeOfAnotherTask_isRefused() {
    Probe three = new Probe(List.of(new long[] {1}), List.of(new long[1]), List.of(new float[3]));
    assertThatThrownBy(() -> TestingBundles.small().probe(three).build())
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining("probe.bin: row 0: logits: 3 (expected: 2..2)");
    Probe longer = new Probe(List.of(new long[65]), List.of(new long[65]), List.of(new float[2]));
    assertThatThrownBy(() -> TestingBundles.small().probe(longer).build())
        .hasMessageContaining("probe.bin: row 0: tokens: 65 (expected: 1..64)");
  }

  @Test
  void write_adapterLeavingOutAnInput_isLegal() {
    GraphBuilder b = new GraphBuilder("parallel", 18);
    String x = b.input(IN);
    b.outputAs(b.node("Relu", x), ADAPTED);
    AdapterBundle bundle = TestingBundles.small().adaptAt(1, "relu", 0, b.build()).build();
    assertThat(bundle.points().values())
        .singleElement()
        .extracting(Graph::inputs)
        .isEqualTo(List.of(IN));
  }

  @Test
  void write_adapterAgainstTheAbi_isRefused() {
    refusedAdapter(
        adapter(List.of(OUT.named("x")), "x", ADAPTED),
        "input \"x\" (expected: among [block_input, block_output])");
    refusedAdapter(
        adapter(List.of(OUT), "block_output", ADAPTED.named("y")),
        "outputs \"[y]\" (expected: [adapted])");
    refusedAdapter(
        adapter(
            List.of(Value.of("block_output", DataType.FLOAT, "b", "s", 16)),
            "block_output",
            Value.of("adapted", DataType.FLOAT, "b", "s", 16)),
        "input block_output: FLOAT (b, s, 16) (expected: FLOAT (batch, seq, 8))");
    refusedAdapter(
        adapter(
            List.of(Value.of("block_output", DataType.FLOAT, 1, "s", 8)), "block_output", ADAPTED),
        "FLOAT (1, s, 8) (expected: FLOAT (batch, seq, 8))");
    refusedAdapter(
        adapter(
            List.of(Value.of("block_output", DataType.FLOAT16, "b", "s", 8)),
            "block_output",
            Value.of("adapted", DataType.FLOAT16, "b", "s", 8)),
        "FLOAT16 (b, s, 8)");
    refusedAdapter(
        adapter(List.of(OUT), "block_output", Value.of("adapted", DataType.FLOAT, "b", "s", "h")),
        "output adapted: FLOAT (b, s, h)");
    GraphBuilder constant = new GraphBuilder("constant", 18);
    constant.outputAs(constant.constant(1f), ADAPTED);
    refusedAdapter(constant.build(), "no inputs");
  }

  @Test
  void write_operatorsOutOfTheList_areRefused() {
    refusedAdapter(op("", "RandomNormalLike"), "operator \"RandomNormalLike -> ");
    refusedAdapter(op("", "NonZero"), "operator \"NonZero -> ");
    refusedAdapter(op("com.microsoft", "Attention"), "operator \"com.microsoft.Attention -> ");
    GraphBuilder custom = new GraphBuilder("custom", Map.of("", 18L, "evil.domain", 1L));
    String y = custom.input(OUT);
    custom.outputAs(custom.node("evil.domain", "Run", List.of(y), 1, Map.of()).get(0), ADAPTED);
    refusedAdapter(custom.build(), "operator domain \"evil.domain\"");
    GraphBuilder old = new GraphBuilder("old", 9);
    old.outputAs(old.input(OUT), ADAPTED);
    refusedAdapter(old.build(), "opset 9 of ai.onnx (expected: 13..23)");
  }

  @Test
  void write_graphThatBlowsUpItsInput_isRefused() {
    GraphBuilder b = new GraphBuilder("bomb", 18);
    String wide = b.input(OUT);
    Map<String, Attribute> last = Map.of("axis", Attribute.of(2L));
    for (int i = 0; i < 40; i++) {
      wide = b.node("Concat", List.of(wide, wide), last);
    }
    String narrow = b.node("ReduceSum", List.of(wide, b.constant(2L)), Map.of());
    b.outputAs(b.node("Add", OUT.name(), narrow), ADAPTED);
    refusedAdapter(b.build(), "524288 elements for each token (expected: at most 262144)");
  }

  @Test
  void write_outerProductsOfTheSequence_areRefused() {
    GraphBuilder b = new GraphBuilder("bomb", 18);
    String y = b.input(OUT);
    String row = b.node("Unsqueeze", y, b.constant(1L));
    String pairs = b.node("Add", b.node("Unsqueeze", y, b.constant(2L)), row);
    String deeper = b.node("Unsqueeze", row, b.constant(1L));
    String triples = b.node("Add", b.node("Unsqueeze", pairs, b.constant(3L)), deeper);
    b.outputAs(triples, ADAPTED);
    refusedAdapter(b.build(), "4 axes that grow with the input (expected: at most 3)");
  }

  @Test
  void read_shapesThatGrowByThemselves_areRefused() {
    GraphBuilder b = new GraphBuilder("bomb", 18);
    String nested = b.input(OUT);
    for (int i = 0; i < 40; i++) {
      nested = b.node("Gather", List.of(nested, nested), Map.of());
    }
    b.outputAs(nested, ADAPTED);
    byte[] bytes = resealed(entries -> entries.put("points/02.onnx", OnnxFormat.write(b.build())));
    refused(bytes, "points/02.onnx", "33 axes, over 32");
  }

  @Test
  void read_externalData_isRefused() throws Exception {
    // A protobuf message followed by another is the two merged: adds an initializer to the graph.
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    tensor.write(new byte[] {0x08, 0x01, 0x10, 0x01, 0x42, 0x01, 'w'});
    ByteArrayOutputStream location = new ByteArrayOutputStream();
    writeField(location, 0x0a, "location".getBytes(UTF_8));
    writeField(location, 0x12, "/etc/passwd".getBytes(UTF_8));
    writeField(tensor, 0x6a, location.toByteArray());
    tensor.write(new byte[] {0x70, 0x01});
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    writeField(graph, 0x2a, tensor.toByteArray());
    byte[] bytes =
        resealed(
            entries -> {
              ByteArrayOutputStream model = new ByteArrayOutputStream();
              model.writeBytes(entries.get("head.onnx"));
              writeField(model, 0x3a, graph.toByteArray());
              entries.put("head.onnx", model.toByteArray());
            });
    refused(bytes, "head.onnx: ", "external data");
  }

  private static void writeField(ByteArrayOutputStream out, int tag, byte[] content) {
    out.write(tag);
    out.write(content.length);
    out.writeBytes(content);
  }

  private static Graph adapter(List<Value> inputs, String from, Value output) {
    GraphBuilder b = new GraphBuilder("adapter", 18);
    inputs.forEach(b::input);
    b.outputAs(from, output);
    return b.build();
  }

  private static Graph op(String domain, String op) {
    GraphBuilder b = new GraphBuilder("adapter", 18);
    String y = b.input(OUT);
    String weight = b.initializer("w", TensorData.floats(new float[HIDDEN], HIDDEN));
    Map<String, Attribute> none = Map.of();
    b.outputAs(b.node(domain, op, List.of(y, weight), 1, none).get(0), ADAPTED);
    return b.build();
  }

  private static Manifest with(Manifest m, PointEntry entry) {
    List<PointEntry> structure = List.of(entry);
    return new Manifest(
        m.formatVersion(),
        m.kind(),
        m.labels(),
        m.textFields(),
        m.maxTokens(),
        m.pooling(),
        m.temperature(),
        m.threshold(),
        m.backbone(),
        m.backboneName(),
        m.backbonePoints(),
        m.hiddenSize(),
        structure,
        m.head(),
        Cost.of(structure, m.head(), m.backbonePoints()),
        m.metrics(),
        m.provenance());
  }

  private static void refusedWriting(Manifest manifest, Graph graph, String message) {
    TestingBundles bundles = TestingBundles.small();
    assertThatThrownBy(
            () ->
                BundleWriter.write(
                    manifest, Map.of(2, graph), bundles.head(), bundles.build().probe(), Map.of()))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining(message);
  }

  private static void refusedAdapter(Graph graph, String message) {
    assertThatThrownBy(() -> TestingBundles.small().adaptAt(1, "any", 0, graph).build())
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining("points/01.onnx")
        .hasMessageContaining(message);
  }

  private static byte[] resealed(Consumer<SortedMap<String, byte[]>> change) {
    SortedMap<String, byte[]> entries = TestingBundles.small().adaptAt(2, 2).build().entries();
    entries.remove("SHA256SUMS");
    change.accept(entries);
    entries.put("SHA256SUMS", Checksums.encode(entries));
    return StoredZip.encode(entries);
  }

  private static void refused(byte[] bytes, String... messages) {
    assertThatThrownBy(() -> BundleReader.read(bytes, LIMITS))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContainingAll(messages);
  }
}
