package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Compares the gradients our rules emit with central differences of the forward graph: L = sum of r
 * y over all outputs y, for random r, so that every element of the Jacobian has its say.
 *
 * <p>Differences of fourth order, (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h: their own error is
 * that of h^4, so that h may be large and rounding of the forward pass, divided by h, small.
 */
final class GradientCheck {

  /** The forward pass as written, so that no rewriting of it can hide an error. */
  private static final SessionSettings PLAIN =
      new SessionSettings(SessionSettings.Optimization.NONE, false, null);

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final RuleCase.Body body;
  private final Graph forward;
  private final Map<String, Long> sizes;
  private final RandomGenerator random;
  private final double h;

  GradientCheck(RuleCase.Body body, Map<String, Long> sizes, RandomGenerator random) {
    this.body = body;
    this.forward = body.graph();
    this.sizes = sizes;
    this.random = random;
    this.h = body.type == DataType.DOUBLE ? 1e-3 : 1.5e-2;
  }

  /**
   * The largest error of a gradient element, relative to the largest element of that gradient (or
   * 0.1).
   */
  double worstError() {
    Map<String, double[]> values = new LinkedHashMap<>();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    body.wanted.forEach(
        (name, draw) -> {
          long[] shape = shape(at(body.dims, name));
          shapes.put(name, shape);
          values.put(name, draw(draw, count(shape)));
        });
    Map<String, double[]> weights = new LinkedHashMap<>();
    Map<String, long[]> outputShapes = new HashMap<>();
    Map<String, double[]> analytic;
    List<String> outputs = forward.outputs().stream().map(Value::name).toList();
    try (OnnxSession session = runtime.open(forward, PLAIN)) {
      evaluate(session, values, shapes, outputs, outputShapes);
      for (String output : outputs) {
        weights.put(output, draw(RuleCase.Draw.NORMAL, count(at(outputShapes, output))));
      }
      analytic = analytic(values, shapes, weights, outputShapes);
      double worst = 0;
      for (String name : values.keySet()) {
        worst = Math.max(worst, error(name, session, values, shapes, outputs, weights, analytic));
      }
      return worst;
    }
  }

  private Map<String, double[]> analytic(
      Map<String, double[]> values,
      Map<String, long[]> shapes,
      Map<String, double[]> weights,
      Map<String, long[]> outputShapes) {
    TensorFacts facts = TensorFacts.probe(forward, runtime);
    GraphBuilder builder = Copy.of(forward);
    Map<String, String> seeds = new LinkedHashMap<>();
    Map<String, double[]> seedValues = new LinkedHashMap<>();
    Map<String, long[]> seedShapes = new HashMap<>();
    weights.forEach(
        (output, weight) -> {
          String seed = "seed_of_" + output;
          builder.input(new Value(seed, body.type, List.of(new Dim.Rest())));
          seeds.put(output, seed);
          seedValues.put(seed, weight);
          seedShapes.put(seed, at(outputShapes, output));
        });
    Map<String, String> gradients =
        Backward.gradients(builder, forward, seeds, body.wanted.keySet(), facts);
    Map<String, String> names = new LinkedHashMap<>();
    gradients.forEach(
        (tensor, gradient) -> {
          Value declared = new Value("grad_of_" + tensor, body.type, List.of(new Dim.Rest()));
          builder.outputAs(gradient, declared);
          names.put(tensor, declared.name());
        });
    Graph graph = builder.build();
    Map<String, double[]> all = new LinkedHashMap<>(values);
    all.putAll(seedValues);
    Map<String, long[]> allShapes = new HashMap<>(shapes);
    allShapes.putAll(seedShapes);
    Map<String, long[]> found = new HashMap<>();
    try (OnnxSession session = runtime.open(graph, SessionSettings.defaults())) {
      Map<String, double[]> results =
          evaluate(session, all, allShapes, Set.copyOf(names.values()), found);
      Map<String, double[]> analytic = new LinkedHashMap<>();
      names.forEach(
          (tensor, gradient) -> {
            if (!Arrays.equals(found.get(gradient), shapes.get(tensor))) {
              throw new AssertionError(
                  "gradient of " + tensor + ": shape " + Arrays.toString(found.get(gradient)));
            }
            analytic.put(tensor, results.get(gradient));
          });
      return analytic;
    }
  }

  private double error(
      String name,
      OnnxSession session,
      Map<String, double[]> values,
      Map<String, long[]> shapes,
      List<String> outputs,
      Map<String, double[]> weights,
      Map<String, double[]> analytic) {
    double[] x = at(values, name);
    double scale = 0.1;
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      double kept = x[i];
      double[] loss = new double[4];
      double[] steps = {h, -h, 2 * h, -2 * h};
      for (int s = 0; s < steps.length; s++) {
        x[i] = kept + steps[s];
        loss[s] = loss(evaluate(session, values, shapes, outputs, null), weights);
      }
      x[i] = kept;
      double numeric = (8 * (loss[0] - loss[1]) - (loss[2] - loss[3])) / (12 * h);
      scale = Math.max(scale, Math.abs(numeric));
      double difference = Math.abs(numeric - at(analytic, name)[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    return worst / scale;
  }

  private static double loss(Map<String, double[]> results, Map<String, double[]> weights) {
    double loss = 0;
    for (Map.Entry<String, double[]> entry : weights.entrySet()) {
      double[] y = at(results, entry.getKey());
      for (int i = 0; i < y.length; i++) {
        loss += y[i] * entry.getValue()[i];
      }
    }
    return loss;
  }

  private Map<String, double[]> evaluate(
      OnnxSession session,
      Map<String, double[]> values,
      Map<String, long[]> shapes,
      Collection<String> wanted,
      @Nullable Map<String, long[]> foundShapes) {
    Map<String, HostTensor> inputs = new HashMap<>();
    try {
      values.forEach(
          (name, x) ->
              inputs.put(name, HostTensor.of(runtime, tensor(body.type, x, at(shapes, name)))));
      body.fixed.forEach((name, data) -> inputs.put(name, HostTensor.of(runtime, data)));
      try (Results results = session.run(inputs, wanted)) {
        Map<String, double[]> read = new HashMap<>();
        for (String name : wanted) {
          TensorData data = results.get(name);
          read.put(name, doubles(data));
          if (foundShapes != null) {
            foundShapes.put(name, data.shape());
          }
        }
        return read;
      }
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  private double[] draw(RuleCase.Draw draw, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (draw) {
            case NORMAL -> random.nextGaussian();
            case POSITIVE -> 0.5 + random.nextDouble();
            case OFF_CORNERS ->
                random.nextInt(-3, 3)
                    + (random.nextBoolean() ? 0.15 : 0.6)
                    + 0.2 * random.nextDouble();
          };
      if (body.type == DataType.FLOAT) {
        values[i] = (float) values[i];
      }
    }
    return values;
  }

  private long[] shape(Object[] dims) {
    long[] shape = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      shape[i] = dims[i] instanceof Number size ? size.longValue() : at(sizes, (String) dims[i]);
    }
    return shape;
  }

  private static <V> V at(Map<String, V> map, String key) {
    return Objects.requireNonNull(map.get(key), key);
  }

  private static int count(long[] shape) {
    int count = 1;
    for (long size : shape) {
      count *= Math.toIntExact(size);
    }
    return count;
  }

  static TensorData tensor(DataType type, double[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      if (type == DataType.DOUBLE) {
        bytes.putDouble(value);
      } else {
        bytes.putFloat((float) value);
      }
    }
    return TensorData.bytes(type, bytes.flip(), shape);
  }

  private static double[] doubles(TensorData data) {
    double[] values = new double[Math.toIntExact(data.elements())];
    ByteBuffer bytes = data.bytes();
    for (int i = 0; i < values.length; i++) {
      values[i] = data.type() == DataType.DOUBLE ? bytes.getDouble() : bytes.getFloat();
    }
    return values;
  }
}
