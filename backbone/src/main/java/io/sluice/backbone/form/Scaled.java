package io.sluice.backbone.form;

import io.sluice.backbone.graph.Node;
import org.jspecify.annotations.Nullable;

/** A tensor as another one times a number. */
record Scaled(String tensor, float by) {

  /** The tensor with all products and quotients by numbers taken off it. */
  static Scaled of(Makers makers, String tensor) {
    String at = tensor;
    float by = 1;
    while (true) {
      Scaled next = step(makers, at);
      if (next == null) {
        return new Scaled(at, by);
      }
      at = next.tensor();
      by *= next.by();
    }
  }

  private static @Nullable Scaled step(Makers makers, String tensor) {
    Node product = makers.of(tensor, "Mul");
    if (product != null) {
      Float right = makers.number(product.input(1));
      Float left = makers.number(product.input(0));
      if (right != null) {
        return new Scaled(product.inputs().get(0), right);
      }
      return left == null ? null : new Scaled(product.inputs().get(1), left);
    }
    Node quotient = makers.of(tensor, "Div");
    Float divisor = quotient == null ? null : makers.number(quotient.input(1));
    return quotient == null || divisor == null
        ? null
        : new Scaled(quotient.inputs().get(0), 1 / divisor);
  }
}
