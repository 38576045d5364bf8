package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What exporters may do differently, and what is refused. */
class BackboneImporterTest {
  private static final long SEED = 3;
  private static final byte[] NO_TOKENIZER = "{}".getBytes(StandardCharsets.UTF_8);

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  @TempDir Path dir;

  @Test
  void cut_normAfterInOneOperator_lastBoundaryIsOutput() {
    Backbone backbone = importAndVerify(tiny -> {});
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.epilogue()).isNull();
    assertThat(backbone.maxPositions()).isEqualTo(TinyEncoder.POSITIONS);
    assertThat(backbone.hiddenSize()).isEqualTo(TinyEncoder.HIDDEN);
  }

  @Test
  void cut_normAfterInParts_sameBoundariesAsInOne() {
    Backbone backbone =
        importAndVerify(
            tiny -> {
              tiny.normInParts = true;
              tiny.opset = 11;
            });
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.epilogue()).isNull();
  }

  @Test
  void cut_normBefore_finalNormIsEpilogue() {
    Backbone backbone = importAndVerify(tiny -> tiny.normFirst = true);
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.epilogue()).isNotNull();
  }

  @Test
  void cut_normBeforeInParts_finalNormIsEpilogue() {
    Backbone backbone =
        importAndVerify(
            tiny -> {
              tiny.normFirst = true;
              tiny.normInParts = true;
              tiny.opset = 13;
            });
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.epilogue()).isNotNull();
  }

  /** What is wide begins behind the projection, so that is where the prologue ends. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cut_wordsFactored_projectionBelongsToThePrologue(boolean normFirst) {
    Backbone backbone =
        importAndVerify(
            tiny -> {
              tiny.wordsFactored = true;
              tiny.normFirst = normFirst;
            });
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.hiddenSize()).isEqualTo(TinyEncoder.HIDDEN);
    assertThat(products(backbone.prologue())).isOne();
    // Query, key, value and output, and two products without a weight.
    assertThat(products(backbone.block(1))).isEqualTo(6);
  }

  @Test
  void cut_additiveMask_isHandedOverSmall() {
    Backbone backbone = importAndVerify(tiny -> {});
    assertThat(backbone.context()).hasSize(1);
    assertThat(backbone.context().get(0).perRow()).isTrue();
    assertThat(backbone.context().get(0).value().describeShape()).isEqualTo("(batch, 1, 1, seq)");
    assertThat(backbone.block(2).inputs()).hasSize(1);
  }

  @Test
  void cut_int32InputsUnderOtherNames_becomeInt64UnderTheUsual() {
    Backbone backbone =
        importAndVerify(
            tiny -> {
              tiny.inputType = DataType.INT32;
              tiny.idsName = "input_word_ids:0";
              tiny.maskName = "input_mask:0";
            });
    assertThat(backbone.inputNames()).containsExactly("input_ids", "attention_mask");
    assertThat(backbone.whole().inputs()).allMatch(input -> input.type() == DataType.INT64);
  }

  @Test
  void cut_poolerOutput_isLeftOutAndNoted() {
    Backbone backbone = importAndVerify(tiny -> tiny.pooler = true);
    assertThat(backbone.notes()).anyMatch(note -> note.contains("pooled"));
  }

  @Test
  void cut_positionInput_isCountedAndNoted() {
    Backbone backbone = importAndVerify(tiny -> tiny.positionInput = true);
    assertThat(backbone.inputNames()).containsExactly("input_ids", "attention_mask");
    assertThat(backbone.notes()).anyMatch(note -> note.contains("position_ids"));
    assertThat(backbone.maxPositions()).isEqualTo(TinyEncoder.POSITIONS);
  }

  @Test
  void cut_branchOnSizesThatAreEqual_isTaken() {
    Backbone backbone = importAndVerify(tiny -> tiny.branch = TinyEncoder.Branch.SIZES);
    assertThat(backbone.whole().nodes()).noneMatch(node -> node.op().equals("If"));
  }

  @Test
  void cut_branchOnValues_isRefused() {
    assertRefused(
        tiny -> tiny.branch = TinyEncoder.Branch.VALUES, "operator If", "depends on the input");
  }

  @Test
  void cut_innerStatesAsOutputs_takesTheLast() {
    Backbone backbone = importAndVerify(tiny -> tiny.innerStates = true);
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.notes()).anyMatch(note -> note.contains("hidden_states.0"));
  }

  @Test
  void cut_scoresOfWordsOnly_isRefused() {
    assertRefused(
        tiny -> tiny.wordScoresOnly = true, "logits FLOAT (batch, seq, 40)", "vocabulary of 40");
  }

  @Test
  void cut_measuredTargets_becomeConstant() {
    Backbone backbone = importAndVerify(tiny -> tiny.computedTargets = true);
    assertThat(backbone.span(1, 4).nodes())
        .noneMatch(node -> node.op().equals("Shape") || node.op().equals("Concat"));
  }

  @Test
  void cut_itsOwnCleanGraph_changesNothing() {
    Backbone first = importAndVerify(tiny -> tiny.normFirst = true);
    Backbone second = BackboneImporter.cut("again", first.whole(), NO_TOKENIZER, runtime);
    assertThat(second.digest()).isEqualTo(first.digest());
  }

  @Test
  void cut_again_givesSameDigest() {
    Graph graph = new TinyEncoder().build();
    Backbone first = BackboneImporter.cut("a", graph, NO_TOKENIZER, runtime);
    Backbone second =
        BackboneImporter.cut("b", OnnxFormat.read(OnnxFormat.write(graph)), NO_TOKENIZER, runtime);
    assertThat(second.digest()).isEqualTo(first.digest());
  }

  @Test
  void cut_otherWeightOrTokenizer_givesOtherDigest() {
    Backbone first = BackboneImporter.cut("a", new TinyEncoder().build(), NO_TOKENIZER, runtime);
    TinyEncoder deeper = new TinyEncoder();
    deeper.layers = 3;
    assertThat(BackboneImporter.cut("a", deeper.build(), NO_TOKENIZER, runtime).digest())
        .isNotEqualTo(first.digest());
    byte[] other = "{ }".getBytes(StandardCharsets.UTF_8);
    assertThat(BackboneImporter.cut("a", new TinyEncoder().build(), other, runtime).digest())
        .isNotEqualTo(first.digest());
  }

  @Test
  void cut_parallelSublayersOfOddNumber_isRefused() {
    assertRefused(
        tiny -> {
          tiny.parallelSublayers = true;
          tiny.layers = 3;
        },
        "sublayers: 3",
        "even number");
  }

  @Test
  void cut_parallelSublayersOfEvenNumber_isRefusedForMixingTwice() {
    assertRefused(tiny -> tiny.parallelSublayers = true, "block 2", "mixes positions");
  }

  @Test
  void cut_oldModelWhoseOperatorsLackInputs_isRefused() {
    GraphBuilder b = new GraphBuilder("bare", 11);
    b.input("input_ids", DataType.INT64, "batch", "seq");
    String bare = b.node("Softmax", List.of(), Map.of());
    b.output(bare, DataType.FLOAT, "batch", "seq", TinyEncoder.HIDDEN);
    Graph exported = b.build();
    assertThatThrownBy(() -> BackboneImporter.cut("bare", exported, NO_TOKENIZER, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("refused by ONNX Runtime");
  }

  @Test
  void cut_fixedBatch_isRefused() {
    assertRefused(tiny -> tiny.rowsDim = 1L, "input input_ids", "both dynamic");
  }

  @Test
  void cut_oldOpset_isRefused() {
    assertRefused(
        tiny -> {
          tiny.opset = 10;
          tiny.normInParts = true;
        },
        "opset: 10",
        "11 or later");
  }

  @Test
  void cut_unknownInput_isRefused() {
    assertRefused(
        tiny -> tiny.maskName = "temperature", "input temperature", "expected: input_ids");
  }

  @Test
  void cut_noEncoder_isRefused() {
    GraphBuilder b = new GraphBuilder("mlp", 17);
    b.input("input_ids", DataType.INT64, "batch", "seq");
    b.input("attention_mask", DataType.INT64, "batch", "seq");
    String x = b.node("Cast", List.of("input_ids"), Map.of("to", Attribute.of(1L)));
    String mask = b.node("Cast", List.of("attention_mask"), Map.of("to", Attribute.of(1L)));
    String y =
        b.node(
            "MatMul",
            b.node("Unsqueeze", b.node("Mul", x, mask), b.constant(2L)),
            b.initializer("w", TensorData.floats(new float[8], 1, 8)));
    b.outputAs(y, Value.of("y", DataType.FLOAT, "batch", "seq", 8));
    assertThatThrownBy(() -> BackboneImporter.cut("mlp", b.build(), NO_TOKENIZER, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("word embeddings: none found");
  }

  @Test
  void cut_importedOrRefused_leavesNoHandleOpen() {
    int before = runtime.openHandles();
    importAndVerify(tiny -> tiny.normFirst = true);
    assertRefused(tiny -> tiny.parallelSublayers = true, "block 2");
    assertRefused(tiny -> tiny.branch = TinyEncoder.Branch.VALUES, "operator If");
    assertThat(runtime.openHandles()).isEqualTo(before);
  }

  @Test
  void read_missingDirectoryModelOrTokenizer_namesIt() throws IOException {
    assertThatThrownBy(() -> BackboneImporter.read(dir.resolve("none"), runtime))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("none: no such directory");
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .hasMessageContaining("model.onnx: no such file");
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .hasMessageContaining("tokenizer.json: no such file");
  }

  @Test
  void read_modelCutShort_namesFile() throws IOException {
    byte[] model = OnnxFormat.write(new TinyEncoder().build());
    Files.write(dir.resolve("model.onnx"), Arrays.copyOf(model, model.length / 2));
    Files.write(dir.resolve("tokenizer.json"), tokenizer(10));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(dir.resolve("model.onnx").toString());
  }

  @Test
  void read_brokenTokenizer_namesFile() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    Files.writeString(dir.resolve("tokenizer.json"), "not json");
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(dir.resolve("tokenizer.json").toString())
        .hasMessageContaining("expected: a tokenizer.json");
  }

  @Test
  void read_tokenizerOfGigabytes_isRefusedUnread() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    try (RandomAccessFile sparse =
        new RandomAccessFile(dir.resolve("tokenizer.json").toFile(), "rw")) {
      sparse.setLength(1L << 32);
    }
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("tokenizer.json: 4294967296 bytes (expected: at most 268435456)");
  }

  @Test
  void read_tokenizerTheLibraryRefuses_namesFile() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    String json = new String(tokenizer(10), StandardCharsets.UTF_8);
    Files.writeString(dir.resolve("tokenizer.json"), json.replace("WordLevel", "Nonsense"));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(dir.resolve("tokenizer.json").toString());
  }

  @Test
  void read_tokenizerWithoutTokenForTheUnknown_namesFile() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    String json = new String(tokenizer(10), StandardCharsets.UTF_8);
    Files.writeString(dir.resolve("tokenizer.json"), json.replace("_token\":\"w0", "_token\":\"?"));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(dir.resolve("tokenizer.json").toString())
        .hasMessageContaining("cannot encode");
  }

  @Test
  void read_blocksThatMixTwice_namesTheModel() throws IOException {
    TinyEncoder tiny = new TinyEncoder();
    tiny.parallelSublayers = true;
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(tiny.build()));
    Files.write(dir.resolve("tokenizer.json"), tokenizer(TinyEncoder.VOCABULARY));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(dir.resolve("model.onnx") + ": block 2");
  }

  @Test
  void read_vocabularyLargerThanTable_namesBoth() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    Files.write(dir.resolve("tokenizer.json"), tokenizer(TinyEncoder.VOCABULARY + 1));
    assertThatThrownBy(() -> BackboneImporter.read(dir, runtime))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("vocabulary of 41 tokens")
        .hasMessageContaining("at most 40");
  }

  @Test
  void read_configuredPositions_limitTheTable() throws IOException {
    Files.write(dir.resolve("model.onnx"), OnnxFormat.write(new TinyEncoder().build()));
    Files.write(dir.resolve("tokenizer.json"), tokenizer(TinyEncoder.VOCABULARY));
    Files.writeString(dir.resolve("config.json"), "{\"max_position_embeddings\": 32}");
    assertThat(BackboneImporter.read(dir, runtime).maxPositions()).isEqualTo(32);
  }

  /** A word-level tokenizer with so many tokens. */
  static byte[] tokenizer(int tokens) {
    StringBuilder json =
        new StringBuilder(
            "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],");
    json.append(
        "\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"post_processor\":null,\"decoder\":null,");
    json.append("\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"w0\",\"vocab\":{");
    for (int i = 0; i < tokens; i++) {
      json.append(i == 0 ? "" : ",").append("\"w").append(i).append("\":").append(i);
    }
    return json.append("}}}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private Backbone importAndVerify(Consumer<TinyEncoder> change) {
    TinyEncoder tiny = new TinyEncoder();
    change.accept(tiny);
    Graph exported = tiny.build();
    Backbone backbone = BackboneImporter.cut("tiny", exported, NO_TOKENIZER, runtime);
    BackboneVerification verification = BackboneVerification.of(backbone, exported, runtime, SEED);
    assertThat(verification.cutError()).as("seed " + SEED).isLessThanOrEqualTo(1e-5);
    assertThat(verification.sliceError()).as("seed " + SEED).isLessThanOrEqualTo(1e-5);
    return backbone;
  }

  private static long products(Graph graph) {
    return graph.nodes().stream().filter(node -> node.is("MatMul")).count();
  }

  private void assertRefused(Consumer<TinyEncoder> change, String... parts) {
    TinyEncoder tiny = new TinyEncoder();
    change.accept(tiny);
    assertThatThrownBy(() -> BackboneImporter.cut("tiny", tiny.build(), NO_TOKENIZER, runtime))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
              assertThat(e.getMessage()).contains(parts);
            });
  }
}
