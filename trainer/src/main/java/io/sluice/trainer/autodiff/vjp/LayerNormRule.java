package io.sluice.trainer.autodiff.vjp;

/**
 * y = w (x - mean(x)) / sqrt(var(x) + epsilon) + b over the axes from {@code axis} on: see {@link
 * LayerNormGradient}. The outputs Mean and InvStdDev, if there, are used and must not be
 * differentiated themselves.
 */
final class LayerNormRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.hasGrad(1) || v.hasGrad(2)) {
      throw v.failure("a gradient arrived at Mean or InvStdDev");
    }
    TensorFact x = v.factIn(0);
    int axis = x.axis(v.node().intAttribute("axis", -1));
    double epsilon = v.node().floatAttribute("epsilon", 1e-5f);
    if (v.wants(0) || v.wants(1)) {
      LayerNormGradient gradient = new LayerNormGradient(v, v.in(0), x, axis, epsilon, 1);
      if (v.wants(0)) {
        v.give(0, gradient.input(v.grad(), v.in(1)));
      }
      if (v.wants(1)) {
        gradient.giveWeight(1, v.grad());
      }
    }
    if (v.wants(2)) {
      v.giveBroadcast(2, v.grad(), x);
    }
  }
}
