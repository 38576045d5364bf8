package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.IntStream;

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
        .filter(FoldedGates::isGated)
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
    List<ParameterLayout.Slot> slots = layout.slots();
    double[] ofSlots =
        IntStream.range(0, slots.size())
            .parallel()
            .mapToDouble(slot -> isGated(slots.get(slot)) ? product(slots.get(slot), gradients) : 0)
            .toArray();
    double[] sums = new double[into.length];
    for (int i = 0; i < ofSlots.length; i++) {
      if (isGated(slots.get(i))) {
        sums[slots.get(i).owner()] += ofSlots[i];
      }
    }
    for (int i = 0; i < into.length; i++) {
      into[i] = (float) sums[i];
    }
  }

  private double product(ParameterLayout.Slot slot, float[] gradients) {
    double sum = 0;
    int end = slot.offset() + slot.spec().size();
    for (int i = slot.offset(); i < end; i++) {
      sum += (double) values[i] * gradients[i];
    }
    return sum;
  }

  private static boolean isGated(ParameterLayout.Slot slot) {
    return slot.spec().gated() && slot.owner() >= 0;
  }

  private float gate(ParameterLayout.Slot slot) {
    return isGated(slot) ? gates[slot.owner()] : 1;
  }
}
