package io.sluice.trainer.autodiff.vjp;

import java.util.ArrayList;
import java.util.List;

/**
 * com.microsoft SkipLayerNormalization: h = input + skip + bias, y = LayerNorm(h) over the last
 * axis; outputs y, mean, inv, h. With dh the gradient of {@link LayerNormGradient} plus what
 * arrived at h itself: d input = d skip = d bias = dh, each summed over the axes along which it was
 * repeated.
 */
final class SkipLayerNormRule implements VjpRule {

  private static final int GAMMA = 2;
  private static final int BETA = 3;
  private static final int BIAS = 4;
  private static final int SUM = 3;

  /** The CPU kernel does not write its outputs mean and inv_std_var. */
  private static final int NO_STATISTICS = -2;

  @Override
  public void emit(Vjp v) {
    if (v.hasGrad(1) || v.hasGrad(2)) {
      throw v.failure("a gradient arrived at mean or inv_std_var");
    }
    Emitter e = v.emit();
    TensorFact fact = v.factIn(0);
    List<String> terms = new ArrayList<>();
    if (v.hasGrad(0)) {
      double epsilon = v.node().floatAttribute("epsilon", 1e-12f);
      LayerNormGradient gradient =
          new LayerNormGradient(v, sum(v), fact, fact.rank() - 1, epsilon, NO_STATISTICS);
      terms.add(gradient.input(v.grad(), v.in(GAMMA)));
      if (v.wants(GAMMA)) {
        gradient.giveWeight(GAMMA, v.grad());
      }
      if (v.wants(BETA)) {
        gradient.giveBias(BETA, v.grad());
      }
    }
    if (v.hasGrad(SUM)) {
      terms.add(v.grad(SUM));
    }
    String dh = e.sum(terms);
    for (int input : new int[] {0, 1, BIAS}) {
      if (v.wants(input)) {
        v.giveBroadcast(input, dh, fact);
      }
    }
  }

  private static String sum(Vjp v) {
    if (v.hasOutput(SUM)) {
      return v.out(SUM);
    }
    String sum = v.emit().add(v.in(0), v.in(1));
    return v.has(BIAS) ? v.emit().add(sum, v.in(BIAS)) : sum;
  }
}
