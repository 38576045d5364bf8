package io.sluice.backbone.form;

import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * A product of a tensor with a constant matrix and the constant vector added to it.
 *
 * @param product the tensor before the vector is added
 * @param input what is multiplied; null where the matrix is no constant of two axes
 * @param weight (inner, outer); null like {@code input}
 * @param bias (outer); null where nothing is added
 */
record Linear(
    String product,
    @Nullable String input,
    @Nullable TensorData weight,
    @Nullable TensorData bias) {

  /** The tensor as such a product, as far as it is one. */
  static Linear of(Makers makers, String tensor, int outer) {
    Node sum = makers.of(tensor, "Add");
    String product = tensor;
    TensorData bias = null;
    for (int i = 0; sum != null && i < 2; i++) {
      TensorData added = makers.constant(sum.input(i));
      String other = sum.inputs().get(1 - i);
      if (added != null
          && added.rank() == 1
          && added.elements() == outer
          && !isWeight(makers, other)) {
        bias = added;
        product = other;
        break;
      }
    }
    Node matMul = makers.of(product, "MatMul");
    TensorData weight = matMul == null ? null : makers.constant(matMul.input(1));
    boolean constant = weight != null && weight.rank() == 2;
    return new Linear(
        product,
        constant && matMul != null ? matMul.inputs().get(0) : null,
        constant ? weight : null,
        bias);
  }

  private static boolean isWeight(Makers makers, String tensor) {
    return makers.constant(tensor) != null;
  }
}
