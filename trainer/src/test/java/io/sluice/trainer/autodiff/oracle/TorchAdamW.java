package io.sluice.trainer.autodiff.oracle;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * AdamW as PyTorch documents it, in libtorch's tensor operations. (DJL's own class corrects the
 * bias of epsilon too, and so is another rule for small gradients.)
 */
final class TorchAdamW {

  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;

  private final NDManager manager;
  private final float rate;
  private final float decay;
  private final float epsilon;
  private final Map<String, NDArray> first = new HashMap<>();
  private final Map<String, NDArray> second = new HashMap<>();
  private final Map<String, Integer> steps = new HashMap<>();

  TorchAdamW(NDManager manager, float rate, float decay, float epsilon) {
    this.manager = manager;
    this.rate = rate;
    this.decay = decay;
    this.epsilon = epsilon;
  }

  float[] update(String name, float[] value, float[] gradient) {
    NDArray w = manager.create(value);
    NDArray g = manager.create(gradient);
    int t = Objects.requireNonNull(steps.merge(name, 1, Integer::sum));
    w = w.mul(1 - rate * decay);
    NDArray m = first.computeIfAbsent(name, key -> g.zerosLike()).mul(BETA1);
    m = m.add(g.mul(1 - BETA1));
    NDArray v = second.computeIfAbsent(name, key -> g.zerosLike()).mul(BETA2);
    v = v.add(g.mul(g).mul(1 - BETA2));
    first.put(name, m);
    second.put(name, v);
    NDArray deviation = v.div(1 - Math.pow(BETA2, t)).sqrt().add(epsilon);
    NDArray step = m.div(1 - Math.pow(BETA1, t)).div(deviation);
    return w.sub(step.mul(rate)).toFloatArray();
  }
}
