package io.sluice.trainer.autodiff.vjp;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.DataType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The derivative of y = w (x - mean) inv + b, where mean and inv = 1/sqrt(var + epsilon) are over
 * the last axes of x.
 *
 * <p>With h = g w and n = (x - mean) inv: dx = inv (h - n mean(h n) - mean(h)); dw = sum(g n), db =
 * sum(g). Mean and inv are the node's own outputs if it has them, else computed again.
 */
final class LayerNormGradient {

  private final Vjp v;
  private final Emitter e;
  private final DataType type;
  private final TensorFact fact;
  private final List<Integer> axes;
  private final String x;
  private final int statistics;
  private final double epsilon;
  private @Nullable String inverse;
  private @Nullable String normal;

  /**
   * Takes up the statistics.
   *
   * @param x what is normalised, of type and extents {@code fact}
   * @param statistics output position of the mean, that of inv is the next; -1 if there are none
   */
  LayerNormGradient(Vjp v, String x, TensorFact fact, int axis, double epsilon, int statistics) {
    this.v = v;
    this.e = v.emit();
    this.fact = fact;
    this.type = fact.type();
    this.axes = IntStream.range(axis, fact.rank()).boxed().toList();
    this.x = x;
    this.statistics = statistics;
    this.epsilon = epsilon;
  }

  /** (x - mean) inv, and inv: written when first asked for. */
  private String normal() {
    if (normal == null) {
      String centred = e.sub(x, has(statistics) ? v.out(statistics) : e.reduceMean(x, axes, true));
      inverse = has(statistics + 1) ? v.out(statistics + 1) : inverse(centred, epsilon);
      normal = e.mul(centred, inverse);
    }
    return normal;
  }

  /** Statistics of float64 are float32, and of no use. */
  private boolean has(int output) {
    return output > 0 && v.hasOutput(output) && v.factOut(output).type() == type;
  }

  private String inverse(String centred, double epsilon) {
    String variance = e.reduceMean(e.mul(centred, centred), axes, true);
    return e.op("Reciprocal", e.op("Sqrt", e.offset(variance, epsilon, type)));
  }

  /** The gradient of x. */
  String input(String g, @Nullable String weight) {
    boolean last = axes.size() == 1 && has(statistics) && has(statistics + 1);
    if (last && weight != null && e.hasDevice(type)) {
      return e.device("LayerNormGradient", g, x, weight, v.out(statistics), v.out(statistics + 1));
    }
    String normal = normal();
    String h = weight == null ? g : e.mul(g, weight);
    String slope = e.mul(normal, e.reduceMean(e.mul(h, normal), axes, true));
    String level = e.reduceMean(h, axes, true);
    return e.mul(e.sub(e.sub(h, slope), level), requireNonNull(inverse));
  }

  /** Hands over the gradient of the weight. */
  void giveWeight(int position, String g) {
    v.giveBroadcast(position, e.mul(g, normal()), fact);
  }

  /** Hands over the gradient of the bias. */
  void giveBias(int position, String g) {
    v.giveBroadcast(position, g, fact);
  }
}
