package io.sluice.trainer.autodiff.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encoder layers (attention, feed-forward, layer norms) with a gated bottleneck adapter after each
 * sublayer, and a head.
 *
 * @param preNorm whether the norm is before the sublayer, with one more at the end, or after the
 *     residual sum
 */
record Encoder(
    int layers,
    long batch,
    long seq,
    long hidden,
    long heads,
    long ffn,
    long rank,
    long labels,
    boolean preNorm) {

  /** Shapes of all parameters by name, in the order of use. */
  Map<String, long[]> parameters() {
    Shapes shapes = new Shapes();
    loss(shapes, new long[0]);
    return shapes.shapes;
  }

  /** Names of the parameters that an adapter or the head has. */
  List<String> trained() {
    return new ArrayList<>(
        parameters().keySet().stream().filter(name -> name.matches("(a\\d|head).*")).toList());
  }

  <T> T loss(Algebra<T> a, long[] classes) {
    T h = a.parameter("x", batch, seq, hidden);
    T mask = a.parameter("mask", batch, 1, 1, seq);
    for (int i = 0; i < layers; i++) {
      h = sublayer(a, h, "l" + i + ".attention", mask, 2 * i);
      h = sublayer(a, h, "l" + i + ".ffn", null, 2 * i + 1);
    }
    if (preNorm) {
      h = norm(a, h, "final");
    }
    T logits =
        a.add(
            a.matMul(a.first(h), a.parameter("head.w", hidden, labels)),
            a.parameter("head.b", labels));
    return a.crossEntropy(logits, classes);
  }

  private <T> T sublayer(Algebra<T> a, T h, String name, @Nullable T mask, int point) {
    T x = preNorm ? norm(a, h, name) : h;
    T y = mask == null ? feedForward(a, x, name) : attention(a, x, name, mask);
    y = a.add(h, y);
    if (!preNorm) {
      y = norm(a, y, name);
    }
    return adapter(a, y, "a" + point);
  }

  private <T> T attention(Algebra<T> a, T x, String name, T mask) {
    long size = hidden / heads;
    T q = a.transpose(heads(a, x, name + ".q"), 0, 2, 1, 3);
    T k = a.transpose(heads(a, x, name + ".k"), 0, 2, 3, 1);
    T v = a.transpose(heads(a, x, name + ".v"), 0, 2, 1, 3);
    T scores = a.add(a.scale(a.matMul(q, k), 1 / Math.sqrt((double) size)), mask);
    T context = a.transpose(a.matMul(a.softmax(scores), v), 0, 2, 1, 3);
    return linear(a, a.reshape(context, 0, 0, hidden), name + ".o", hidden, hidden);
  }

  private <T> T heads(Algebra<T> a, T x, String name) {
    return a.reshape(linear(a, x, name, hidden, hidden), 0, 0, heads, hidden / heads);
  }

  private <T> T feedForward(Algebra<T> a, T x, String name) {
    return linear(a, a.gelu(linear(a, x, name + ".in", hidden, ffn)), name + ".out", ffn, hidden);
  }

  private <T> T adapter(Algebra<T> a, T y, String name) {
    T inner = a.gelu(linear(a, y, name + ".down", hidden, rank));
    T gated = a.mul(linear(a, inner, name + ".up", rank, hidden), a.parameter(name + ".gate"));
    return a.add(y, gated);
  }

  private <T> T linear(Algebra<T> a, T x, String name, long in, long out) {
    return a.add(a.matMul(x, a.parameter(name + ".w", in, out)), a.parameter(name + ".b", out));
  }

  private <T> T norm(Algebra<T> a, T x, String name) {
    return a.layerNorm(
        x, a.parameter(name + ".norm.w", hidden), a.parameter(name + ".norm.b", hidden), hidden);
  }

  /** Runs the model only to hear of its parameters. */
  private static final class Shapes implements Algebra<Integer> {
    final Map<String, long[]> shapes = new LinkedHashMap<>();

    @Override
    public Integer parameter(String name, long... shape) {
      shapes.put(name, shape);
      return 0;
    }

    @Override
    public Integer matMul(Integer a, Integer b) {
      return 0;
    }

    @Override
    public Integer add(Integer a, Integer b) {
      return 0;
    }

    @Override
    public Integer mul(Integer a, Integer b) {
      return 0;
    }

    @Override
    public Integer scale(Integer x, double factor) {
      return 0;
    }

    @Override
    public Integer softmax(Integer x) {
      return 0;
    }

    @Override
    public Integer gelu(Integer x) {
      return 0;
    }

    @Override
    public Integer layerNorm(Integer x, Integer weight, Integer bias, long size) {
      return 0;
    }

    @Override
    public Integer reshape(Integer x, long... shape) {
      return 0;
    }

    @Override
    public Integer transpose(Integer x, int... order) {
      return 0;
    }

    @Override
    public Integer first(Integer x) {
      return 0;
    }

    @Override
    public Integer crossEntropy(Integer logits, long[] labels) {
      return 0;
    }
  }
}
