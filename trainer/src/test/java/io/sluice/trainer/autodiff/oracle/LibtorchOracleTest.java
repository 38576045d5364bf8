package io.sluice.trainer.autodiff.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.trainer.autodiff.Backward;
import io.sluice.trainer.autodiff.ForwardFusion;
import io.sluice.trainer.optim.AdamW;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole encoder layers and whole training steps against libtorch's autograd, the second opinion on
 * all rules at once.
 */
class LibtorchOracleTest {

  private static final Logger LOG = LoggerFactory.getLogger(LibtorchOracleTest.class);
  private static final long SEED = 94;
  private static final double TOLERANCE = 1e-4;
  private static final float EPSILON = 1e-3f;
  private static final long[] LABELS = {2, 0, 1};

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @BeforeAll
  static void stayOffTheNetwork() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "libtorch is on the class path for linux-x86_64 only");
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", Path.of("target", "djl").toAbsolutePath().toString());
  }

  @ParameterizedTest(name = "pre-norm {0}, fused {1}")
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void gradients_encoderLayer_areThoseOfLibtorch(boolean preNorm, boolean fused) {
    Encoder encoder = new Encoder(1, LABELS.length, 5, 12, 3, 20, 4, 3, preNorm);
    Map<String, float[]> values = values(encoder);
    Set<String> wanted = new LinkedHashSet<>(encoder.parameters().keySet());
    wanted.remove("mask");

    Map<String, float[]> ours = ours(encoder, values, wanted, fused);
    Map<String, float[]> torch = torch(encoder, values, wanted);

    assertAlike(ours, torch, TOLERANCE);
  }

  /** The case of training: weights are frozen, adapters and head learn. */
  @ParameterizedTest(name = "pre-norm {0}")
  @ValueSource(booleans = {false, true})
  void step_adaptersAndHead_movesAsWithLibtorch(boolean preNorm) {
    Encoder encoder = new Encoder(2, LABELS.length, 6, 16, 2, 24, 4, 3, preNorm);
    Map<String, float[]> ours = values(encoder);
    Map<String, float[]> theirs = copy(ours);
    List<String> trained = encoder.trained();
    Set<String> wanted = new LinkedHashSet<>(trained);
    // A large epsilon: else gradients that are zero but for rounding would move their values too.
    AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, EPSILON, 0.01);
    Map<String, AdamW> optimisers = new HashMap<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchAdamW torch = new TorchAdamW(manager, 0.01f, 0.01f, EPSILON);
      for (int step = 0; step < 3; step++) {
        Map<String, float[]> gradients = ours(encoder, ours, wanted, true);
        Map<String, float[]> expected = torch(encoder, theirs, wanted);
        assertAlike(gradients, expected, TOLERANCE);
        for (String name : trained) {
          float[] value = get(ours, name);
          float[] scales = new float[value.length];
          Arrays.fill(scales, 1f);
          boolean[] decayed = new boolean[value.length];
          Arrays.fill(decayed, true);
          optimisers
              .computeIfAbsent(name, key -> new AdamW(settings, scales, decayed))
              .update(value, get(gradients, name), 0.01);
          float[] moved = torch.update(name, get(theirs, name), get(expected, name));
          theirs.put(name, moved);
        }
        assertAlike(select(ours, trained), select(theirs, trained), TOLERANCE);
      }
    }
  }

  private Map<String, float[]> ours(
      Encoder encoder, Map<String, float[]> values, Set<String> wanted, boolean fused) {
    Set<String> fed = new LinkedHashSet<>(wanted);
    fed.addAll(List.of("x", "mask"));
    OnnxAlgebra algebra = new OnnxAlgebra(fed, values);
    String loss = encoder.loss(algebra, LABELS);
    algebra.b.output(loss, DataType.FLOAT);
    Graph graph = fused ? ForwardFusion.apply(algebra.b.build()) : algebra.b.build();
    Backward.Step step = Backward.step(graph, loss, wanted, runtime);
    Map<String, HostTensor> inputs = new HashMap<>();
    try (OnnxSession session = runtime.open(step.graph(), SessionSettings.defaults())) {
      Map<String, long[]> shapes = encoder.parameters();
      fed.forEach(
          name ->
              inputs.put(name, HostTensor.floats(runtime, get(values, name), get(shapes, name))));
      inputs.put("labels", HostTensor.longs(runtime, LABELS, LABELS.length));
      Set<String> outputs = new LinkedHashSet<>(step.gradients().values());
      outputs.add(loss);
      try (Results results = session.run(inputs, outputs)) {
        Map<String, float[]> found = new LinkedHashMap<>();
        found.put("loss", results.get(loss).toFloats());
        wanted.forEach(
            name -> found.put(name, results.get(get(step.gradients(), name)).toFloats()));
        return found;
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private static Map<String, float[]> torch(
      Encoder encoder, Map<String, float[]> values, Set<String> wanted) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      TorchAlgebra algebra = new TorchAlgebra(manager, wanted, values);
      NDArray loss = encoder.loss(algebra, LABELS);
      collector.backward(loss);
      Map<String, float[]> found = new LinkedHashMap<>();
      found.put("loss", loss.toFloatArray());
      wanted.forEach(
          name -> found.put(name, get(algebra.arrays, name).getGradient().toFloatArray()));
      return found;
    }
  }

  /** Random values; norm weights about one, the last two positions of the first row masked. */
  private static Map<String, float[]> values(Encoder encoder) {
    Random random = new Random(SEED);
    Map<String, float[]> values = new LinkedHashMap<>();
    encoder
        .parameters()
        .forEach(
            (name, shape) -> {
              int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
              float[] drawn = new float[count];
              for (int i = 0; i < count; i++) {
                double spread = name.equals("x") ? 1 : 0.3;
                drawn[i] =
                    (float) (spread * random.nextGaussian() + (name.endsWith("norm.w") ? 1 : 0));
              }
              values.put(name, drawn);
            });
    float[] mask = new float[get(values, "mask").length];
    mask[(int) encoder.seq() - 1] = -1e9f;
    mask[(int) encoder.seq() - 2] = -1e9f;
    values.put("mask", mask);
    return values;
  }

  private static void assertAlike(
      Map<String, float[]> ours, Map<String, float[]> theirs, double tolerance) {
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    double overall = largest(theirs);
    double overallWorst = 0;
    for (Map.Entry<String, float[]> entry : theirs.entrySet()) {
      float[] expected = entry.getValue();
      float[] found = get(ours, entry.getKey());
      // Some gradients are zero but for rounding (a key bias shifts all scores alike).
      double scale = Math.max(5e-2 * overall, largest(Map.of("", expected)));
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        worst = Math.max(worst, Math.abs(found[i] - expected[i]) / scale);
      }
      assertThat(worst).as("%s, seed %d", entry.getKey(), SEED).isLessThan(tolerance);
      overallWorst = Math.max(overallWorst, worst);
    }
    LOG.info("seed {}: largest relative difference from libtorch {}", SEED, overallWorst);
  }

  private static double largest(Map<String, float[]> values) {
    double largest = 0;
    for (float[] array : values.values()) {
      for (float value : array) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  private static Map<String, float[]> copy(Map<String, float[]> values) {
    Map<String, float[]> copy = new LinkedHashMap<>();
    values.forEach((name, array) -> copy.put(name, array.clone()));
    return copy;
  }

  private static Map<String, float[]> select(Map<String, float[]> values, List<String> names) {
    Map<String, float[]> selected = new LinkedHashMap<>();
    names.forEach(name -> selected.put(name, get(values, name)));
    return selected;
  }

  private static <V> V get(Map<String, V> map, String name) {
    return Objects.requireNonNull(map.get(name), name);
  }
}
