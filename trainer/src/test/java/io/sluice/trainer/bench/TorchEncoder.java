package io.sluice.trainer.bench;

import static java.util.Objects.requireNonNull;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
import java.util.Map;

/**
 * The embedded encoder with the same gated adapters and head, in libtorch's own operators (linear,
 * layer_norm, gelu, softmax), frozen weights without gradient: what a PyTorch user would train.
 * Confined to one thread; owns native memory.
 */
final class TorchEncoder implements AutoCloseable {
  private static final String EMBEDDINGS = "module.embeddings.";
  private static final float EPSILON = 1e-12f;

  private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");
  private final Map<String, NDArray> frozen = new HashMap<>();
  private final int points;
  private final int hidden;
  private final int heads;

  /** Takes over the weights, each linear's turned into libtorch's (out, in). */
  TorchEncoder(Backbone backbone) {
    points = backbone.points();
    hidden = backbone.hiddenSize();
    Graph whole = backbone.whole();
    whole
        .initializers()
        .forEach(
            (name, data) -> {
              if (name.startsWith("module.")) {
                frozen.put(name, array(data));
              }
            });
    Map<String, Node> producers = whole.producers();
    for (Node add : whole.nodes()) {
      String bias = add.is("Add") ? add.inputs().get(0) : "";
      Node product = add.is("Add") ? producers.get(add.inputs().get(1)) : null;
      if (product != null && bias.endsWith(".bias") && product.is("MatMul")) {
        NDArray weight = array(whole.initializer(product.inputs().get(1)));
        String name = bias.substring(0, bias.length() - "bias".length()) + "weight";
        frozen.put(name, weight.transpose().duplicate());
      }
    }
    heads = hidden / 64;
  }

  /** What one step gives: the loss, and that gradients have been computed and read. */
  record Step(double loss, Map<String, float[]> gradients) {}

  /**
   * Forward and backward of one batch.
   *
   * @param learned adapters' and head's weights by name
   * @param lowest lowest point with an adapter
   */
  Step step(Batch batch, Map<String, float[]> learned, Map<String, long[]> shapes, int lowest) {
    try (NDManager step = manager.newSubManager();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      Map<String, NDArray> weights = new HashMap<>();
      learned.forEach(
          (name, values) -> {
            NDArray array = step.create(values, new Shape(requireNonNull(shapes.get(name))));
            array.setRequiresGradient(true);
            weights.put(name, array);
          });
      NDArray loss = loss(step, batch, weights, lowest);
      collector.backward(loss);
      Map<String, float[]> gradients = new HashMap<>();
      weights.forEach((name, array) -> gradients.put(name, array.getGradient().toFloatArray()));
      return new Step(loss.toFloatArray()[0], gradients);
    }
  }

  private NDArray loss(NDManager step, Batch batch, Map<String, NDArray> weights, int lowest) {
    Shape shape = new Shape(batch.rows(), batch.tokens());
    NDArray ids = step.create(batch.ids(), shape);
    NDArray h = embedding(ids, "word_embeddings");
    h = h.add(embedding(step.zeros(shape, DataType.INT64), "token_type_embeddings"));
    h = h.add(embedding(step.create(batch.positions(), shape), "position_embeddings"));
    h = norm(h, "module.embeddings.LayerNorm");
    NDArray mask = step.create(batch.bias(), new Shape(batch.rows(), 1, 1, batch.tokens()));
    for (int point = 1; point <= points; point++) {
      String layer = "module.encoder.layer." + (point - 1) / 2 + ".";
      h = point % 2 == 1 ? attention(h, layer, mask) : feedForward(h, layer);
      if (point >= lowest) {
        h = adapter(h, "a" + point + ".", weights);
      }
    }
    NDArray first = norm(h, "module.LayerNorm").get(":, 0");
    NDArray logits = linear(first, get(weights, "head.w"), get(weights, "head.b"));
    NDArray targets = step.create(batch.targets(), new Shape(batch.rows(), batch.labels()));
    return logits.logSoftmax(-1).mul(targets).sum().neg();
  }

  private NDArray attention(NDArray h, String layer, NDArray mask) {
    NDArray x = norm(h, layer + "attention.LayerNorm");
    NDArray query = split(x, layer + "attention.self.query").transpose(0, 2, 1, 3);
    NDArray key = split(x, layer + "attention.self.key").transpose(0, 2, 3, 1);
    NDArray value = split(x, layer + "attention.self.value").transpose(0, 2, 1, 3);
    NDArray scores = query.matMul(key).mul(0.125f).add(mask);
    NDArray joined = scores.softmax(-1).matMul(value).transpose(0, 2, 1, 3);
    Shape shape = h.getShape();
    return linear(joined.reshape(shape), layer + "attention.output.dense").add(h);
  }

  private NDArray split(NDArray x, String name) {
    Shape shape = x.getShape();
    return linear(x, name).reshape(shape.get(0), shape.get(1), heads, 64);
  }

  private NDArray feedForward(NDArray h, String layer) {
    NDArray x = norm(h, layer + "intermediate.LayerNorm");
    NDArray inner = linear(x, layer + "intermediate.dense").getNDArrayInternal().gelu();
    return linear(inner, layer + "output.dense").add(h);
  }

  private static NDArray adapter(NDArray y, String name, Map<String, NDArray> weights) {
    NDArray gate = get(weights, name + "gate");
    NDArray down = linear(y, get(weights, name + "down"), get(weights, name + "down_bias"));
    NDArray up = get(weights, name + "up").mul(gate);
    NDArray bias = get(weights, name + "up_bias").mul(gate);
    return y.add(linear(down.getNDArrayInternal().gelu(), up, bias));
  }

  private NDArray embedding(NDArray ids, String table) {
    return ids.getNDArrayInternal()
        .embedding(ids, get(frozen, EMBEDDINGS + table + ".weight"), SparseFormat.DENSE)
        .singletonOrThrow();
  }

  private NDArray norm(NDArray x, String name) {
    return x.getNDArrayInternal()
        .layerNorm(
            x,
            new Shape(hidden),
            get(frozen, name + ".weight"),
            get(frozen, name + ".bias"),
            EPSILON)
        .singletonOrThrow();
  }

  private NDArray linear(NDArray x, String name) {
    return linear(x, get(frozen, name + ".weight"), get(frozen, name + ".bias"));
  }

  private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow();
  }

  private NDArray array(TensorData data) {
    return manager.create(data.toFloats(), new Shape(data.shape()));
  }

  private static <V> V get(Map<String, V> map, String name) {
    return requireNonNull(map.get(name), name);
  }

  /** Tokens of one batch, padded. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Batch(
      int rows,
      int tokens,
      int labels,
      long[] ids,
      long[] positions,
      float[] bias,
      float[] targets) {}

  @Override
  public void close() {
    manager.close();
    frozen.clear();
  }
}
