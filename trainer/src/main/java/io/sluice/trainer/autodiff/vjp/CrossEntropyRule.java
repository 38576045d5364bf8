package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SoftmaxCrossEntropyLoss: scores (n, c, ...), labels (n, ...), optional class weights (c); loss =
 * sum of -w_i log softmax(x_i)[label_i] over rows whose label is not {@code ignore_index}, over sum
 * of w_i for the mean.
 *
 * <p>dx_i = g w_i (softmax(x_i) - onehot(label_i)) / sum(w) for the mean, without the divisor for
 * sum and none; 0 for ignored rows. If a gradient h arrives at the second output, the
 * log-probabilities, dx += h - softmax(x) sum(h).
 */
final class CrossEntropyRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (v.wants(2)) {
      throw v.failure("a gradient is wanted for the class weights");
    }
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    String p = v.hasOutput(1) ? e.op("Exp", v.out(1)) : e.softmax(v.in(0), 1);
    String dx = null;
    if (v.hasGrad(0)) {
      dx = loss(v, p, type);
    }
    if (v.hasGrad(1)) {
      String total = e.reduceSum(v.grad(1), List.of(1), true);
      String more = e.sub(v.grad(1), e.mul(p, total));
      dx = dx == null ? more : e.add(dx, more);
    }
    if (dx != null) {
      v.give(0, dx);
    }
  }

  private static String loss(Vjp v, String p, DataType type) {
    Emitter e = v.emit();
    TensorFact labelFact = v.factIn(1);
    String labels = v.in(1);
    String weight = null;
    if (v.node().attributes().containsKey("ignore_index")) {
      String ignored = e.cast(e.longs(v.node().intAttribute("ignore_index", 0)), labelFact.type());
      // A negative label would count from the last class, so ignored rows get class 0, weight 0.
      String valid = e.op("Not", e.op("Equal", labels, ignored));
      weight = e.cast(valid, type);
      labels = e.mul(labels, e.cast(valid, labelFact.type()));
    }
    if (v.has(2)) {
      String classWeight = e.op("Gather", v.in(2), labels);
      weight = weight == null ? classWeight : e.mul(weight, classWeight);
    }
    if (weight == null) {
      weight = e.expandLike(e.scalar(type, 1), labels, labelFact);
    }
    String reduction = v.node().stringAttribute("reduction", "mean");
    String factor = e.mul(v.grad(0), weight);
    if (reduction.equals("mean")) {
      List<Integer> all = IntStream.range(0, labelFact.rank()).boxed().toList();
      String sum = e.reduceSum(weight, all, false);
      String none = e.op("Equal", sum, e.scalar(type, 0));
      factor = e.div(factor, e.op("Where", none, e.scalar(type, 1), sum));
    }
    String depth = e.lengthOf(v.in(0), v.factIn(0), 1);
    String hit = e.oneHot(labels, depth, 1, type);
    return e.mul(e.sub(p, hit), e.unsqueeze(factor, List.of(1)));
  }
}
