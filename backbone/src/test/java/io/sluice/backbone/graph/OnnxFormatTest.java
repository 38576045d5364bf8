package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFormatTest {
  private static Graph sample() {
    GraphBuilder b = new GraphBuilder("sample", 18);
    String x = b.input("x", DataType.FLOAT, "batch", 4, "");
    String w = b.initializer("w", TensorData.floats(new float[] {1, 2, 3, 4}, 4, 1));
    String y = b.node("Mul", x, w);
    String s = b.node("Softmax", List.of(y), Map.of("axis", Attribute.of(-1)));
    String g =
        b.node(
                "com.microsoft",
                "FusedMatMul",
                List.of(s, w),
                1,
                Map.of("alpha", Attribute.of(0.5f), "transA", Attribute.of(1)))
            .get(0);
    Node all =
        new Node(
            "com.microsoft",
            "Anything",
            "named",
            List.of(g, "", w),
            List.of("", "z"),
            Map.of(
                "strings",
                new Attribute.OfStrings(List.of("a", "ä")),
                "string",
                Attribute.of("text"),
                "floats",
                new Attribute.OfFloats(List.of(1f, -0f)),
                "ints",
                Attribute.ints(1, -2),
                "tensor",
                Attribute.of(TensorData.bools(new boolean[] {true, false}, 2)),
                "graph",
                new Attribute.OfGraph(body())));
    b.add(all);
    b.output("z", DataType.FLOAT, "batch", "");
    b.output(Value.of("w", DataType.FLOAT, 4, 1));
    return b.build();
  }

  private static Body body() {
    return new Body(
        "body",
        List.of(Value.of("i", DataType.INT64)),
        List.of("o"),
        List.of(Node.of("Add", List.of("x", "c"), List.of("o"), Map.of())),
        Map.of("c", TensorData.scalar(1f)));
  }

  @Test
  void write_thenRead_isTheSameGraph() {
    assertThat(OnnxFormat.read(OnnxFormat.write(sample()))).isEqualTo(sample());
  }

  @Test
  void write_equalGraphsInOtherMapOrder_givesEqualBytes() {
    long seed = 3;
    System.err.println("seed " + seed);
    Map<String, TensorData> weights = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      weights.put("w" + i, TensorData.scalar((float) i));
    }
    List<String> names = new ArrayList<>(weights.keySet());
    Collections.shuffle(names, new Random(seed));
    Map<String, TensorData> shuffled = new LinkedHashMap<>();
    names.forEach(name -> shuffled.put(name, weights.get(name)));
    Value out = Value.of("w7", DataType.FLOAT);
    Graph one =
        new Graph(
            "g", Map.of("", 18L, "com.microsoft", 1L), List.of(), List.of(out), List.of(), weights);
    Graph two =
        new Graph(
            "g",
            Map.of("com.microsoft", 1L, "ai.onnx", 18L),
            List.of(),
            List.of(out),
            List.of(),
            shuffled);

    assertThat(OnnxFormat.write(one)).isEqualTo(OnnxFormat.write(two));
  }

  @Test
  void write_toFile_isTheSameAsToBytes(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("m.onnx");
    OnnxFormat.write(sample(), file);

    assertThat(Files.readAllBytes(file)).isEqualTo(OnnxFormat.write(sample()));
    assertThat(OnnxFormat.read(file)).isEqualTo(sample());
    assertThatThrownBy(() -> OnnxFormat.write(sample(), folder.resolve("no/m.onnx")))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("m.onnx: cannot be written");
  }

  @Test
  void read_cutAnywhere_isRefusedAndNamesTheFile(@TempDir Path folder) throws Exception {
    byte[] whole = OnnxFormat.write(sample());
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("cut.onnx"), java.util.Arrays.copyOf(whole, length));
      try {
        OnnxFormat.read(file);
      } catch (SluiceException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(e).hasMessageContaining("cut.onnx");
        refused++;
      }
    }
    // A cut between two fields of the outermost message is a shorter, valid message; but the graph
    // is one field.
    assertThat(refused).isGreaterThan(whole.length - 40);
  }

  @Test
  void read_randomDamage_neverEscapesAsAnotherException() {
    byte[] whole = OnnxFormat.write(sample());
    long seed = 11;
    System.err.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      byte[] damaged = whole.clone();
      for (int k = 0; k <= random.nextInt(4); k++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        OnnxFormat.read(damaged);
      } catch (SluiceException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void read_missingFileOrFolder_saysSo(@TempDir Path folder) {
    refused(
        () -> OnnxFormat.read(folder.resolve("none.onnx")),
        ErrorCode.NOT_FOUND,
        "none.onnx: no such file");
    refused(() -> OnnxFormat.read(folder), ErrorCode.INVALID_ARGUMENT, "cannot be read");
    refused(
        () -> OnnxFormat.read(new byte[0]),
        ErrorCode.INVALID_ARGUMENT,
        "graph: none or without outputs");
  }

  @Test
  void read_sparseFile_overTheLimit_isRefusedBeforeItIsRead(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("huge.onnx");
    try (var out = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(3L << 30);
    }

    refused(
        () -> OnnxFormat.read(file),
        ErrorCode.INVALID_ARGUMENT,
        "size: 3221225472 bytes (expected: below 2 GiB");
  }

  @Test
  void read_typedDataFields_giveTheSameAsRawData() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInitializer(tensor("f", DataType.FLOAT, 2).addFloatData(1.5f).addFloatData(-2f))
            .addInitializer(tensor("d", DataType.DOUBLE, 1).addDoubleData(0.25))
            .addInitializer(tensor("l", DataType.INT64, 2).addInt64Data(1L << 40).addInt64Data(-1))
            .addInitializer(tensor("i", DataType.INT32, 1).addInt32Data(-5))
            .addInitializer(tensor("h", DataType.FLOAT16, 1).addInt32Data(0xc000))
            .addInitializer(tensor("b", DataType.BOOL, 2).addInt32Data(1).addInt32Data(0))
            .addInitializer(tensor("u8", DataType.UINT8, 1).addInt32Data(200))
            .addInitializer(tensor("i8", DataType.INT8, 1).addInt32Data(-3))
            .addInitializer(tensor("u16", DataType.UINT16, 1).addInt32Data(60_000))
            .addInitializer(tensor("u32", DataType.UINT32, 1).addUint64Data(4_000_000_000L))
            .addInitializer(tensor("e", DataType.FLOAT, 0));
    Graph read = OnnxFormat.read(model(graph, "f").toByteArray());

    assertThat(read.initializer("f").toFloats()).containsExactly(1.5f, -2f);
    assertThat(read.initializer("d").toFloats()).containsExactly(0.25f);
    assertThat(read.initializer("l").toLongs()).containsExactly(1L << 40, -1);
    assertThat(read.initializer("i").toLongs()).containsExactly(-5);
    assertThat(read.initializer("h").toFloats()).containsExactly(-2f);
    assertThat(read.initializer("b").toLongs()).containsExactly(1, 0);
    assertThat(read.initializer("u8").toLongs()).containsExactly(200);
    assertThat(read.initializer("i8").toLongs()).containsExactly(-3);
    assertThat(read.initializer("u16").toLongs()).containsExactly(60_000);
    assertThat(read.initializer("u32").toLongs()).containsExactly(4_000_000_000L);
    assertThat(read.initializer("e").elements()).isZero();
    assertThat(OnnxFormat.read(OnnxFormat.write(read))).isEqualTo(read);
  }

  @Test
  void read_initializerListedAsInput_isNoInput() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(value("f"))
            .addInitializer(tensor("f", DataType.FLOAT, 1).addFloatData(1f));

    assertThat(OnnxFormat.read(model(graph, "f").toByteArray()).inputs()).isEmpty();
  }

  @Test
  void read_nodesOutOfOrder_areSorted() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(value("x"))
            .addNode(relu("a", "y"))
            .addNode(relu("x", "a"));

    assertThat(OnnxFormat.read(model(graph, "y").toByteArray()).nodes())
        .extracting(node -> node.outputs().get(0))
        .containsExactly("a", "y");
  }

  @Test
  void read_whatAGraphCannotSay_isRefusedByName() {
    GraphProto.Builder wrongSize =
        GraphProto.newBuilder().addInitializer(tensor("f", DataType.FLOAT, 3).addFloatData(1f));
    refusedModel(model(wrongSize, "f"), "tensor f: bytes: 4 (expected: 12 for FLOAT (3))");
    GraphProto.Builder fourBit =
        GraphProto.newBuilder()
            .addInitializer(TensorProto.newBuilder().setName("q").setDataType(22).addDims(1));
    refusedModel(model(fourBit, "q"), "tensor q: ONNX data type: 22");
    GraphProto.Builder strings =
        GraphProto.newBuilder()
            .addInitializer(TensorProto.newBuilder().setName("s").setDataType(8).addDims(0));
    refusedModel(model(strings, "s"), "tensor s: type: STRING");
    GraphProto.Builder unknown = GraphProto.newBuilder().addNode(relu("nothing", "y"));
    refusedModel(model(unknown, "y"), "tensor nothing: made by nothing");
    GraphProto.Builder sequence =
        GraphProto.newBuilder()
            .addInput(
                ValueInfoProto.newBuilder()
                    .setName("x")
                    .setType(
                        TypeProto.newBuilder()
                            .setSequenceType(TypeProto.Sequence.getDefaultInstance())));
    refusedModel(model(sequence, "x"), "value x: no tensor type");
    GraphProto.Builder reference =
        GraphProto.newBuilder()
            .addInput(value("x"))
            .addNode(
                relu("x", "y")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("t")
                            .setType(AttributeProto.AttributeType.SPARSE_TENSOR)));
    refusedModel(model(reference, "y"), "attribute t: SPARSE_TENSOR");
    GraphProto.Builder plain = GraphProto.newBuilder().addInput(value("x")).addNode(relu("x", "y"));
    refusedModel(
        model(plain, "y").toBuilder().addFunctions(FunctionProto.newBuilder().setName("f")).build(),
        "functions local to the model: 1");
    GraphProto.Builder twice =
        GraphProto.newBuilder()
            .addInitializer(tensor("f", DataType.FLOAT, 0))
            .addInitializer(tensor("f", DataType.FLOAT, 0));
    refusedModel(model(twice, "f"), "initializer 'f': nameless or listed twice");
  }

  private static void refusedModel(ModelProto model, String message) {
    refused(() -> OnnxFormat.read(model.toByteArray()), ErrorCode.INVALID_ARGUMENT, message);
  }

  static void refused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SluiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  static TensorProto.Builder tensor(String name, DataType type, long size) {
    return TensorProto.newBuilder().setName(name).setDataType(type.onnxCode()).addDims(size);
  }

  static ModelProto model(GraphProto.Builder graph, String output) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(18))
        .setGraph(graph.setName("g").addOutput(value(output)))
        .build();
  }

  private static ValueInfoProto value(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)))
        .build();
  }

  private static NodeProto.Builder relu(String input, String output) {
    return NodeProto.newBuilder().setOpType("Relu").addInput(input).addOutput(output);
  }
}
