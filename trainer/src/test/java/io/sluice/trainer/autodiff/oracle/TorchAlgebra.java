package io.sluice.trainer.autodiff.oracle;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Computes the operations with libtorch, which records them for its own gradients. */
final class TorchAlgebra implements Algebra<NDArray> {

  final Map<String, NDArray> arrays = new LinkedHashMap<>();
  private final NDManager manager;
  private final Set<String> wanted;
  private final Map<String, float[]> values;

  TorchAlgebra(NDManager manager, Set<String> wanted, Map<String, float[]> values) {
    this.manager = manager;
    this.wanted = wanted;
    this.values = values;
  }

  @Override
  public NDArray parameter(String name, long... shape) {
    NDArray array = manager.create(values.getOrDefault(name, new float[0]), new Shape(shape));
    array.setRequiresGradient(wanted.contains(name));
    arrays.put(name, array);
    return array;
  }

  @Override
  public NDArray matMul(NDArray a, NDArray b) {
    return a.matMul(b);
  }

  @Override
  public NDArray add(NDArray a, NDArray b) {
    return a.add(b);
  }

  @Override
  public NDArray mul(NDArray a, NDArray b) {
    return a.mul(b);
  }

  @Override
  public NDArray scale(NDArray x, double factor) {
    return x.mul((float) factor);
  }

  @Override
  public NDArray softmax(NDArray x) {
    return x.softmax(-1);
  }

  @Override
  public NDArray gelu(NDArray x) {
    return x.getNDArrayInternal().gelu();
  }

  @Override
  public NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, long size) {
    return x.getNDArrayInternal()
        .layerNorm(x, new Shape(size), weight, bias, 1e-5f)
        .singletonOrThrow();
  }

  @Override
  public NDArray reshape(NDArray x, long... shape) {
    long[] target = shape.clone();
    for (int i = 0; i < target.length; i++) {
      target[i] = target[i] == 0 ? x.getShape().get(i) : target[i];
    }
    return x.reshape(target);
  }

  @Override
  public NDArray transpose(NDArray x, int... order) {
    return x.transpose(order);
  }

  @Override
  public NDArray first(NDArray x) {
    return x.get(":, 0");
  }

  @Override
  public NDArray crossEntropy(NDArray logits, long[] labels) {
    NDArray classes = manager.create(labels).expandDims(1);
    return logits.logSoftmax(-1).gather(classes, 1).mean().neg();
  }
}
