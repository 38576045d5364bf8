package io.sluice.backbone.form;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.ZooSample;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FirstTokenFormTest {
  private static final long SEED = 17;
  private static final int ROWS = 3;
  private static final int TOKENS = 7;
  private static final int SIZE = 8;
  private static final Set<String> HIDDEN = Set.of("x");

  /** Their feed-forward part asks for the shape of what it computes. */
  private static final Set<String> FLATTENED = Set.of("gpt2-script", "modernbert-script");

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Random random = new Random(SEED);

  static List<Path> models() throws IOException {
    return ZooSample.exports();
  }

  /** The oracle is PyTorch. */
  @ParameterizedTest
  @MethodSource("models")
  void of_everyExport_givesTheFirstTokenThatPyTorchGave(Path path) throws IOException {
    String name = path.getFileName().toString().replace(".onnx", "");
    Backbone backbone =
        BackboneImporter.cut(
            name, OnnxFormat.read(path), "{}".getBytes(StandardCharsets.UTF_8), runtime);
    String last = "block" + backbone.firstTokenPoint();

    int after = FLATTENED.contains(name) ? backbone.points() : backbone.points() - 1;
    assertThat(backbone.firstTokenPoint()).as(name).isEqualTo(after);
    Graph joined =
        ZooSample.joined(
            backbone, part -> part.name().equals(last) ? FirstTokenForm.of(part) : part);
    for (ZooSample sample : ZooSample.of(path)) {
      assertThat(sample.relativeError(joined, runtime)).as(name).isLessThanOrEqualTo(1e-5);
    }
  }

  /** The oracle is the block itself. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "INT8"})
  void of_lastAttentionOfSluiceMini_equalsTheFirstTokenOfTheWhole(Precision precision) {
    Backbone mini = SluiceMini.load();
    Graph block = precision.apply(mini.block(mini.firstTokenPoint()), mini.ranges());
    Graph served = ServingForm.of(block);
    Map<String, TensorData> inputs = new HashMap<>();
    for (Value input : block.inputs()) {
      boolean hidden = input.name().equals(Backbone.BLOCK_INPUT);
      inputs.put(
          input.name(),
          hidden ? floats(ROWS, TOKENS, mini.hiddenSize()) : mask(input.shape().size()));
    }
    float[] whole = run(served, inputs);
    float[] first = run(ServingForm.ofFirstToken(block, Device.CPU), inputs);
    for (int row = 0; row < ROWS; row++) {
      int from = row * TOKENS * mini.hiddenSize();
      assertThat(Arrays.copyOfRange(first, row * mini.hiddenSize(), (row + 1) * mini.hiddenSize()))
          .as("seed %d, row %d", SEED, row)
          .containsExactly(
              Arrays.copyOfRange(whole, from, from + mini.hiddenSize()), within(2e-5f));
    }
  }

  @Test
  void of_attention_takesTheFirstTokenBeforeTheQueryAndKeepsKeysAndValues() {
    Backbone mini = SluiceMini.load();
    Graph form = FirstTokenForm.of(mini.block(mini.firstTokenPoint()));
    Map<String, Node> makers = form.producers();
    List<Node> products =
        form.nodes().stream()
            .filter(node -> node.is("MatMul"))
            .filter(node -> form.initializers().containsKey(node.inputs().get(1)))
            .toList();
    assertThat(products).hasSize(4);
    assertThat(products)
        .filteredOn(
            product -> requireNonNull(makers.get(product.inputs().get(0))).is("LayerNormalization"))
        .hasSize(2);
    assertThat(products)
        .filteredOn(product -> requireNonNull(makers.get(product.inputs().get(0))).is("Slice"))
        .hasSize(1);
  }

  /** What is not known is computed whole, and cut behind. */
  @Test
  void of_operatorThatIsNotKnown_isComputedWhole() {
    GraphBuilder b = new GraphBuilder("sums", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String sums = b.node("CumSum", List.of(x, b.constant(1L)), Map.of("reverse", Attribute.of(1L)));
    b.outputAs(b.node("Tanh", sums), Value.of("y", DataType.FLOAT, "batch", "seq", SIZE));
    Graph graph = b.build();
    requireFirst(graph);
    assertThat(FirstTokenForm.isTokenWise(graph, HIDDEN)).isFalse();
  }

  @Test
  void isTokenWise_normOverTokens_isNot() {
    assertThat(FirstTokenForm.isTokenWise(softmax(1), HIDDEN)).isFalse();
    assertThat(FirstTokenForm.isTokenWise(softmax(-2), HIDDEN)).isFalse();
    assertThat(FirstTokenForm.isTokenWise(softmax(2), HIDDEN)).isTrue();
    requireFirst(softmax(1));
    requireFirst(softmax(2));
  }

  @Test
  void isTokenWise_anotherInputOfTheSameShape_isOnlyIfItIsNamed() {
    GraphBuilder b = new GraphBuilder("sum", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String z = b.input("z", DataType.FLOAT, "batch", "seq", SIZE);
    b.outputAs(b.node("Add", x, z), Value.of("y", DataType.FLOAT, "batch", "seq", SIZE));
    assertThat(FirstTokenForm.isTokenWise(b.build(), HIDDEN)).isFalse();
    assertThat(FirstTokenForm.isTokenWise(b.build(), Set.of("x", "z"))).isTrue();
  }

  /** A table with an entry a place, as learned positions are. */
  @Test
  void of_constantWithPlaces_takesItsFirstAndIsNotTokenWise() {
    GraphBuilder b = new GraphBuilder("places", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String table = b.initializer("table", floats(1, TOKENS, SIZE));
    b.outputAs(b.node("Mul", x, table), Value.of("y", DataType.FLOAT, "batch", "seq", SIZE));
    requireFirst(b.build());
    assertThat(FirstTokenForm.isTokenWise(b.build(), HIDDEN)).isFalse();
  }

  @Test
  void readsFirstToken_ofHeads_tellsThemApart() {
    assertThat(FirstTokenForm.readsFirstToken(head("Slice", 0), "x")).isTrue();
    assertThat(FirstTokenForm.readsFirstToken(head("Gather", 0), "x")).isTrue();
    assertThat(FirstTokenForm.readsFirstToken(head("Gather", 1), "x")).isFalse();
    assertThat(FirstTokenForm.readsFirstToken(softmax(2), "x")).isFalse();
  }

  private static Graph head(String op, long place) {
    GraphBuilder b = new GraphBuilder("head", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    String row =
        op.equals("Gather")
            ? b.node(
                "Gather",
                List.of(x, b.constant(TensorData.scalar(place))),
                Map.of("axis", Attribute.of(1L)))
            : b.node("Squeeze", FirstTokenForm.of(b, x), b.constant(1L));
    b.outputAs(row, Value.of("y", DataType.FLOAT, "batch", SIZE));
    return b.build();
  }

  private static Graph softmax(long axis) {
    GraphBuilder b = new GraphBuilder("softmax", 18);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", SIZE);
    b.outputAs(
        b.node("Softmax", List.of(x), Map.of("axis", Attribute.of(axis))),
        Value.of("y", DataType.FLOAT, "batch", "seq", SIZE));
    return b.build();
  }

  private void requireFirst(Graph graph) {
    Map<String, TensorData> inputs = Map.of("x", floats(ROWS, TOKENS, SIZE));
    float[] whole = run(graph, inputs);
    float[] first = run(FirstTokenForm.of(graph), inputs);
    float[] expected = new float[ROWS * SIZE];
    for (int row = 0; row < ROWS; row++) {
      System.arraycopy(whole, row * TOKENS * SIZE, expected, row * SIZE, SIZE);
    }
    assertThat(first).as("seed %d", SEED).containsExactly(expected, within(1e-6f));
  }

  /** Added to scores: nothing, or a lot where a token is padding. */
  private TensorData mask(int rank) {
    assertThat(rank).isEqualTo(4);
    float[] values = new float[ROWS * TOKENS * TOKENS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % TOKENS > 3 + i / (TOKENS * TOKENS) ? -1e4f : 0;
    }
    return TensorData.floats(values, ROWS, 1, TOKENS, TOKENS);
  }

  private TensorData floats(int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorData.floats(values, Arrays.stream(shape).asLongStream().toArray());
  }

  private float[] run(Graph graph, Map<String, TensorData> inputs) {
    Map<String, HostTensor> fed = new HashMap<>();
    inputs.forEach((name, data) -> fed.put(name, HostTensor.of(runtime, data)));
    String output = graph.outputs().get(0).name();
    try (OnnxSession session = runtime.open(graph, SessionSettings.defaults());
        Results results = session.run(fed, List.of(output))) {
      return results.get(output).toFloats();
    } finally {
      fed.values().forEach(HostTensor::close);
    }
  }
}
