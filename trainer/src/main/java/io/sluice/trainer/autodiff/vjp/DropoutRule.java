package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;

/**
 * y = x in inference: dx = g. In training, y = x m / (1 - ratio) with a drawn mask m, the second
 * output: dx = g m / (1 - ratio).
 */
final class DropoutRule implements VjpRule {

  @Override
  public void emit(Vjp v) {
    if (!v.has(2)) {
      v.give(0, v.grad());
      return;
    }
    TensorData training = v.constantIn(2);
    if (training == null) {
      throw v.failure("training_mode is computed (expected: a constant)");
    }
    if (training.bytes().get(0) == 0) {
      v.give(0, v.grad());
      return;
    }
    if (!v.hasOutput(1)) {
      throw v.failure("the mask output is absent in training mode");
    }
    Emitter e = v.emit();
    DataType type = v.factIn(0).type();
    TensorData ratio = v.constantIn(1);
    if (v.has(1) && ratio == null) {
      throw v.failure("the ratio is computed (expected: a constant)");
    }
    double kept = 1 - (ratio == null ? 0.5 : ratio.toFloats()[0]);
    v.give(0, e.scale(e.keepWhere(v.out(1), v.grad(), type), 1 / kept, type));
  }

  @Override
  public boolean flows(Node node, int input) {
    return input == 0;
  }
}
