package io.sluice.trainer.autodiff.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.trainer.autodiff.Backward;
import io.sluice.trainer.autodiff.ForwardFusion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Real exports of ten families, differentiated from the last hidden states down to the first
 * boundary: every operator on the way has a rule, and the slope along the gradient is its length.
 */
class ZooGradientTest {

  private static final Logger LOG = LoggerFactory.getLogger(ZooGradientTest.class);
  private static final long SEED = 31;
  private static final long BATCH = 2;
  private static final long SEQ = 7;

  /** Differences of fourth order at this step: float32 rounding and h^4 are both below 1e-3. */
  private static final double STEP = 2e-2;

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  static List<Path> models() throws IOException {
    Path zoo =
        Stream.of("../../shared/zoo", "../shared/zoo")
            .map(Path::of)
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(Path.of("none"));
    if (!Files.isDirectory(zoo)) {
      return List.of(zoo);
    }
    try (Stream<Path> files = Files.list(zoo)) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradient_everyExport_isTheSlope(Path path) {
    assumeTrue(Files.exists(path), "the zoo of exports is not beside the repository");
    byte[] tokenizer = "{}".getBytes(StandardCharsets.UTF_8);
    Backbone backbone =
        BackboneImporter.cut(
            path.getFileName().toString(), OnnxFormat.read(path), tokenizer, runtime);

    double plain = relativeError(backbone, part -> part);
    double fused = relativeError(backbone, ForwardFusion::apply);

    LOG.info("{}: seed {}, relative error {}, fused {}", path.getFileName(), SEED, plain, fused);
    assertThat(plain).isCloseTo(0, within(1e-3));
    assertThat(fused).isCloseTo(0, within(1e-3));
  }

  @Test
  void models_whereTheZooIs_areFound() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("../../shared/zoo")), "the zoo is not there");
    assertThat(models()).hasSizeGreaterThan(9);
  }

  private double relativeError(Backbone backbone, UnaryOperator<Graph> rewrite) {
    Graph forward = forward(backbone, rewrite);
    Backward.Step step = Backward.step(forward, "loss", Set.of("nudge"), runtime);
    String gradient = Objects.requireNonNull(step.gradients().get("nudge"));
    int size = Math.toIntExact(BATCH * SEQ * backbone.hiddenSize());
    Random random = new Random(SEED);
    float[] weights = new float[size];
    for (int i = 0; i < size; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    try (OnnxSession session = runtime.open(step.graph(), SessionSettings.defaults())) {
      float[] slope = run(session, backbone, weights, new float[size], gradient);
      double length = 0;
      for (float element : slope) {
        length += (double) element * element;
      }
      length = Math.sqrt(length);
      double[] loss = new double[4];
      double[] steps = {STEP, -STEP, 2 * STEP, -2 * STEP};
      for (int s = 0; s < steps.length; s++) {
        float[] nudge = new float[size];
        for (int i = 0; i < size; i++) {
          nudge[i] = (float) (steps[s] * slope[i] / length);
        }
        float[] hidden = run(session, backbone, weights, nudge, "hidden");
        for (int i = 0; i < size; i++) {
          loss[s] += (double) hidden[i] * weights[i];
        }
      }
      double numeric = (8 * (loss[0] - loss[1]) - (loss[2] - loss[3])) / (12 * STEP);
      return Math.abs(numeric - length) / length;
    }
  }

  /** Tokens, nudge and weights in; hidden and loss = sum of weights times hidden out. */
  private static Graph forward(Backbone backbone, UnaryOperator<Graph> rewrite) {
    GraphBuilder b = new GraphBuilder("zoo", backbone.whole().opsets());
    Map<String, String> available = new HashMap<>();
    for (String name : backbone.inputNames()) {
      available.put(name, b.input(name, DataType.INT64, "batch", "seq"));
    }
    int width = backbone.hiddenSize();
    String nudge = b.input("nudge", DataType.FLOAT, "batch", "seq", width);
    String weights = b.input("weights", DataType.FLOAT, "batch", "seq", width);
    available.putAll(append(b, backbone.prologue(), available));
    String first = Objects.requireNonNull(available.get(Backbone.PROLOGUE_OUTPUT));
    available.put(Backbone.BLOCK_INPUT, b.node("Add", first, nudge));
    Graph blocks = rewrite.apply(backbone.span(1, backbone.points()));
    String hidden = Objects.requireNonNull(append(b, blocks, available).get(Backbone.BLOCK_OUTPUT));
    Graph epilogue = backbone.epilogue();
    if (epilogue != null) {
      available.put(Backbone.BLOCK_INPUT, hidden);
      hidden =
          Objects.requireNonNull(
              append(b, rewrite.apply(epilogue), available).get(Backbone.EPILOGUE_OUTPUT));
    }
    b.outputAs(hidden, Value.of("hidden", DataType.FLOAT, "batch", "seq", width));
    String all = b.constant(new long[] {0, 1, 2});
    String product = b.node("Mul", hidden, weights);
    String loss = b.node("ReduceSum", List.of(product, all), Map.of("keepdims", Attribute.of(0L)));
    b.outputAs(loss, Value.of("loss", DataType.FLOAT));
    return b.build();
  }

  private static Map<String, String> append(
      GraphBuilder b, Graph part, Map<String, String> available) {
    Map<String, String> binding = new HashMap<>();
    for (Value input : part.inputs()) {
      binding.put(input.name(), Objects.requireNonNull(available.get(input.name()), input.name()));
    }
    return b.append(part, binding);
  }

  private float[] run(
      OnnxSession session, Backbone backbone, float[] weights, float[] nudge, String wanted) {
    Map<String, HostTensor> inputs = new HashMap<>();
    try {
      long width = backbone.hiddenSize();
      inputs.put("nudge", HostTensor.floats(runtime, nudge, BATCH, SEQ, width));
      inputs.put("weights", HostTensor.floats(runtime, weights, BATCH, SEQ, width));
      for (String name : backbone.inputNames()) {
        inputs.put(name, HostTensor.longs(runtime, tokens(name), BATCH, SEQ));
      }
      try (Results results = session.run(inputs, List.of(wanted))) {
        return results.get(wanted).toFloats();
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  /** Some words; the second row ends two places earlier. */
  private static long[] tokens(String input) {
    long[] values = new long[(int) (BATCH * SEQ)];
    for (int i = 0; i < values.length; i++) {
      boolean padding = i >= values.length - 2;
      values[i] =
          switch (input) {
            case "input_ids" -> padding ? 0 : 5 + i;
            case "attention_mask" -> padding ? 0 : 1;
            default -> 0;
          };
    }
    return values;
  }
}
