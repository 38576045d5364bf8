package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

/**
 * Gates multiplied into the weights before a step instead of in its graph, and the gradients of
 * both told from that of the products: dw = z dp, dz = the sum of w dp. For devices on which a
 * graph should have few operators. Confined to one thread; works in parallel.
 */
final class FoldedGates {
  private final ParameterLayout layout;
  private final float[] values;
  private final float[] products;
  private float[] gates = {};

  FoldedGates(ParameterLayout layout) {
    this.layout = requireNonNull(layout, "layout");
    this.values = new float[layout.size()];
    this.products = new float[layout.size()];
  }

  /** Length of the flat array. */
  int size() {
    return layout.size();
  }

  /**
   * The weights with the gates multiplied in.
   *
   * @return this object's until the next call
   */
  float[] products(float[] weights, float[] gateValues) {
    gates = gateValues.clone();
    layout.slots().parallelStream()
        .forEach(
            slot -> {
              int from = slot.offset();
              int size = slot.spec().size();
              System.arraycopy(weights, from, values, from, size);
              float gate = gate(slot);
              for (int i = from; i < from + size; i++) {
                products[i] = gate * weights[i];
              }
            });
    return products;
  }

  /** Turns the products' gradient into that of the weights, in place. */
  void toWeights(float[] gradients) {
    layout.slots().parallelStream()
        .filter(slot -> slot.spec().gated() && slot.owner() >= 0)
        .forEach(
            slot -> {
              float gate = gate(slot);
              int end = slot.offset() + slot.spec().size();
              for (int i = slot.offset(); i < end; i++) {
                gradients[i] *= gate;
              }
            });
  }

  /**
   * The gradient of the gates.
   *
   * @param gradients of the products
   */
  void toGates(float[] gradients, float[] into) {
    double[] sums = new double[into.length];
    for (ParameterLayout.Slot slot : layout.slots()) {
      if (slot.spec().gated() && slot.owner() >= 0) {
        double sum = 0;
        int end = slot.offset() + slot.spec().size();
        for (int i = slot.offset(); i < end; i++) {
          sum += (double) values[i] * gradients[i];
        }
        sums[slot.owner()] += sum;
      }
    }
    for (int i = 0; i < into.length; i++) {
      into[i] = (float) sums[i];
    }
  }

  private float gate(ParameterLayout.Slot slot) {
    return slot.spec().gated() && slot.owner() >= 0 ? gates[slot.owner()] : 1;
  }
}
